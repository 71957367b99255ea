import { describe, expect, it } from 'vitest';
import { isAllowed, type AwsRequest, type PolicyStatement } from './policy.ts';

const root = 'arn:aws:iam::123456789012:root';
const queue = 'arn:aws:sqs:eu-west-1:123456789012:messages';
const request = (overrides: Partial<AwsRequest> = {}): AwsRequest => ({
  action: 'sqs:SendMessage',
  resource: queue,
  principal: root,
  context: { 'aws:SecureTransport': 'true' },
  ...overrides,
});
const allow = (overrides: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action: ['sqs:SendMessage'],
  Resource: [queue],
  ...overrides,
});
const decides = (ofCaller: PolicyStatement[], ofResource: PolicyStatement[], asked = request()) =>
  isAllowed({ ofCaller, ofResource }, asked);

describe('a request of a role', () => {
  it('is allowed by a statement of its action and its resource', () => {
    expect(decides([allow()], [])).toBe(true);
    expect(decides([allow({ Action: 'SQS:send*' })], [])).toBe(true);
    expect(decides([], [])).toBe(false);
    expect(decides([allow({ Action: 'sqs:ReceiveMessage' })], [])).toBe(false);
    expect(decides([allow({ Resource: `${queue}.fifo` })], [])).toBe(false);
  });

  it('is refused by a denial of either side, whatever else allows it', () => {
    const plainHttp = request({ context: { 'aws:SecureTransport': 'false' } });
    const denial = allow({
      Effect: 'Deny',
      Action: 'sqs:*',
      Principal: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    expect(decides([allow()], [denial])).toBe(true);
    expect(decides([allow()], [denial], plainHttp)).toBe(false);
    expect(decides([allow(), allow({ Effect: 'Deny' })], [])).toBe(false);
  });

  it('meets conditions only with the key that they ask about', () => {
    const onlyOurs = allow({ Condition: { StringEquals: { 'cloudwatch:namespace': 'Ours' } } });
    expect(decides([onlyOurs], [])).toBe(false);
    expect(decides([onlyOurs], [], request({ context: { 'cloudwatch:namespace': 'Ours' } }))).toBe(true);
    expect(() => decides([allow({ Condition: { DateLessThan: { 'aws:CurrentTime': '' } } })], [])).toThrow(
      'DateLessThan',
    );
  });

  it('to a key needs the word of the key, and its own', () => {
    const decrypt = request({ action: 'kms:Decrypt', resource: 'a-key' });
    const role = allow({ Action: 'kms:Decrypt', Resource: 'a-key' });
    const accountDecides = allow({ Action: 'kms:*', Resource: '*', Principal: { AWS: root } });
    expect(decides([role], [accountDecides], decrypt)).toBe(true);
    expect(decides([role], [], decrypt)).toBe(false);
    expect(decides([], [accountDecides], decrypt)).toBe(false);
  });
});

describe('a request of a service', () => {
  it('is allowed by the policy of the resource that names it', () => {
    const service = request({ principal: 'cloudwatch.amazonaws.com' });
    const named = allow({ Principal: { Service: 'cloudwatch.amazonaws.com' } });
    expect(decides([], [named], service)).toBe(true);
    expect(decides([], [allow({ Principal: { Service: 'sns.amazonaws.com' } })], service)).toBe(false);
  });
});
