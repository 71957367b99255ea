import { deployedArns, type Caller, type Deployed, type PolicyStatement } from '@huntaze/testkit/iam';
import { nested, type Block, type Module } from './module.fixture.ts';

/** What the module's expressions are once it is applied under its default name. */
const applied: Readonly<Record<string, string>> = {
  'aws_sqs_queue.messages.arn': deployedArns.messages,
  'aws_sqs_queue.dead_letters.arn': deployedArns.deadLetters,
  'aws_kms_key.this.arn': deployedArns.key,
  'aws_sns_topic.alarms.arn': deployedArns.topic,
  'aws_lambda_function.operator.arn': deployedArns.operator,
  'aws_lambda_event_source_mapping.messages.arn': deployedArns.mapping,
  'aws_cloudwatch_log_group.function.arn': deployedArns.logGroup,
  'data.aws_partition.current.partition': 'aws',
  'data.aws_region.current.id': 'eu-west-1',
  'data.aws_caller_identity.current.account_id': '123456789012',
  'var.name': 'rate-limiter',
};

/** Policies of resources, and which value `each.value` has in them. */
const ofResources: Partial<Record<Deployed, readonly [policy: string, each: string]>> = {
  messages: ['encrypted_transport', deployedArns.messages],
  deadLetters: ['encrypted_transport', deployedArns.deadLetters],
  key: ['key', ''],
  topic: ['alarms', ''],
};

/** Policies of callers. The operators' function has the role of the other one, and so has the service for both. */
const ofRoles: Partial<Record<Caller, string>> = {
  function: 'function',
  operator: 'function',
  lambda: 'function',
  worker: 'worker',
  client: 'client',
  'on-call': 'on_call',
};

/** The module's policies, as IAM gets them. */
export function policiesOf(module: Module) {
  const documents = module.data('aws_iam_policy_document');

  function statementsOf(policy: string, each = ''): readonly PolicyStatement[] {
    const document = documents[policy] ?? {};
    const sources = [document['source_policy_documents'] ?? []].flat() as string[];
    const included = sources.flatMap((source) =>
      statementsOf(/^\$\{data\.aws_iam_policy_document\.(\w+)\.json\}$/.exec(source)?.[1] ?? source),
    );
    return [...included, ...nested(document, 'statement').map((block) => statementOf(block, each))];
  }

  const valuesOf = (value: unknown, each: string): readonly string[] => {
    if (Array.isArray(value)) return value.flatMap((one) => valuesOf(one, each));
    const text = String(value);
    const local = /^\$\{local\.(\w+)\}$/.exec(text)?.[1];
    if (local !== undefined) return valuesOf(module.locals[local], each);
    // The one loop: both functions by name.
    const [, ending] = /^\$\{\[for name in .*: "(.*)"\]\}$/.exec(text) ?? [];
    if (ending !== undefined) {
      return ['rate-limiter', 'rate-limiter-operator'].map((name) => resolve(ending, name));
    }
    return [resolve(text, each)];
  };

  function statementOf(block: Block, each: string): PolicyStatement {
    const conditions = nested(block, 'condition').map(({ test, variable, values }) => [
      String(test),
      { [String(variable)]: valuesOf(values, each) },
    ]);
    const principals = nested(block, 'principals').map(({ type, identifiers }) => [
      String(type),
      valuesOf(identifiers, each),
    ]);
    return {
      Effect: block['effect'] === 'Deny' ? 'Deny' : 'Allow',
      Action: valuesOf(block['actions'], each),
      Resource: valuesOf(block['resources'], each),
      Condition: Object.fromEntries(conditions),
      Principal: Object.fromEntries(principals),
    };
  }

  return {
    ofRole: (caller: Caller) => statementsOf(ofRoles[caller] ?? 'none'),
    ofResource: (on: Deployed) => statementsOf(...(ofResources[on] ?? (['none', ''] as const))),
  };
}

/** @throws {Error} for an expression that is not known here. */
function resolve(text: string, each: string): string {
  return text.replaceAll(/\$\{([^}]+)\}/g, (_, expression: string) => {
    const value = expression === 'each.value' || expression === 'name' ? each : applied[expression];
    if (value === undefined)
      throw new Error(`expected an expression that is known here, found ${expression}`);
    return value;
  });
}
