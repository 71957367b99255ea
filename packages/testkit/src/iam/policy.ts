type Strings = string | readonly string[];

/** A statement of a policy, as IAM keeps it. Wildcards are `*` and `?`. */
export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: Strings;
  /** Not in the policy of a key or a queue that means itself. Default: `*`. */
  readonly Resource?: Strings;
  /** Only in the policy of a resource. */
  readonly Principal?: Strings | Readonly<Record<string, Strings>>;
  /** Values by operator and key. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Strings>>>>;
}

/** A call of AWS. */
export interface AwsRequest {
  /** `sqs:SendMessage`. */
  readonly action: string;
  /** The ARN, or `*` for an action that knows no resources. */
  readonly resource: string;
  /** The ARN of the account's root for roles of the account, or the name of a service. */
  readonly principal: string;
  /** What conditions can ask about. */
  readonly context: Readonly<Record<string, string>>;
}

/** Policies that speak about a request: of the caller, and of the resource. */
export interface Policies {
  readonly ofCaller: readonly PolicyStatement[];
  readonly ofResource: readonly PolicyStatement[];
}

/**
 * What IAM answers within one account: a denial of either side wins. A service needs the word of the resource, a role its
 * own; a key is its own master, so its policy must let the account decide, too
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). Policies of resources that
 * allow something to single roles are not looked at.
 * @throws {Error} for an operator of a condition that it does not know.
 */
export function isAllowed({ ofCaller, ofResource }: Policies, request: AwsRequest): boolean {
  const byCaller = ofCaller.filter((statement) => speaksOf(statement, request));
  const byResource = ofResource.filter(
    (statement) => namesPrincipal(statement, request) && speaksOf(statement, request),
  );
  if ([...byCaller, ...byResource].some(({ Effect }) => Effect === 'Deny')) return false;
  if (!request.principal.startsWith('arn:')) return byResource.length > 0;
  return byCaller.length > 0 && (byResource.length > 0 || !request.action.startsWith('kms:'));
}

function speaksOf({ Action, Resource = '*', Condition = {} }: PolicyStatement, request: AwsRequest): boolean {
  return (
    list(Action).some((pattern) => matches(pattern.toLowerCase(), request.action.toLowerCase())) &&
    list(Resource).some((pattern) => matches(pattern, request.resource)) &&
    Object.entries(Condition).every(([operator, asked]) =>
      Object.entries(asked).every(([key, values]) => holds(operator, request.context[key], list(values))),
    )
  );
}

function namesPrincipal({ Principal = [] }: PolicyStatement, { principal }: AwsRequest): boolean {
  const named =
    typeof Principal === 'string' || Array.isArray(Principal) ? [Principal] : Object.values(Principal);
  return (named as readonly Strings[]).flatMap(list).some((one) => one === '*' || one === principal);
}

/** Without the key in the request, no condition of these holds. */
function holds(operator: string, found: string | undefined, values: readonly string[]): boolean {
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return found !== undefined && values.includes(found);
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
      return found !== undefined && values.some((pattern) => matches(pattern, found));
    default:
      throw new Error(`expected an operator that is known here, found ${operator}`);
  }
}

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}

const list = (strings: Strings): readonly string[] => (typeof strings === 'string' ? [strings] : strings);
