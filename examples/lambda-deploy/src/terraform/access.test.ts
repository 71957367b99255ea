import { beforeAll, describe, expect, it } from 'vitest';
import { nested, readModule, type Block, type Module } from './module.fixture.ts';

let module: Module;

beforeAll(async () => {
  module = await readModule();
});

const statements = (policy: string): readonly Block[] =>
  nested(module.data('aws_iam_policy_document')[policy] ?? {}, 'statement');
const allowed = (policy: string) => statements(policy).filter(({ effect }) => effect !== 'Deny');
const actionsOn = (policy: string, resource: string) =>
  allowed(policy).flatMap(({ actions, resources }) =>
    (resources as string[]).includes(resource) ? (actions as string[]) : [],
  );

describe('the function', () => {
  it('may do with the queue what an event source mapping and parking need, and no more', () => {
    expect(actionsOn('function', '${aws_sqs_queue.messages.arn}')).toEqual([
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ChangeMessageVisibility',
    ]);
  });

  it('may send to the dead-letter queue and not read it', () => {
    expect(actionsOn('function', '${aws_sqs_queue.dead_letters.arn}')).toEqual(['sqs:SendMessage']);
  });

  it('has no network permissions of its own', () => {
    const denial = statements('function').find(({ effect }) => effect === 'Deny');
    expect(denial).toMatchObject({ sid: 'CodeLeavesNetworkAlone', resources: ['*'] });
  });
});

describe('the client', () => {
  it('may send and count, and not receive', () => {
    expect(actionsOn('client', '${aws_sqs_queue.messages.arn}')).toEqual([
      'sqs:SendMessage',
      'sqs:GetQueueAttributes',
    ]);
    expect(actionsOn('client', '${aws_sqs_queue.dead_letters.arn}')).toEqual(['sqs:GetQueueAttributes']);
  });

  it('may write metrics of our namespace alone', () => {
    const measure = statements('client').find(({ sid }) => sid === 'Measure');
    expect(nested(measure ?? {}, 'condition')).toEqual([
      { test: 'StringEquals', variable: 'cloudwatch:namespace', values: ['${local.namespace}'] },
    ]);
  });
});

describe('permissions', () => {
  /** Named here because AWS offers no narrower form; each has a comment in the module that says why. */
  const unavoidable = new Set(['cloudwatch:PutMetricData on *']);

  it.each(['function', 'client', 'alarms'])('of %s are named actions on named resources', (policy) => {
    const broad = allowed(policy).flatMap(({ actions, resources }) =>
      (actions as string[]).flatMap((action) =>
        (resources as string[])
          .filter((resource) => action.includes('*') || resource.replace(/:log-stream:\*$/, '').includes('*'))
          .map((resource) => `${action} on ${resource}`),
      ),
    );
    expect(allowed(policy).length).toBeGreaterThan(0);
    expect(broad.filter((pair) => !unavoidable.has(pair))).toEqual([]);
  });
});
