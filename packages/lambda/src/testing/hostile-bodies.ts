import type { PayloadSchema } from '@huntaze/rate-limiter-client/contract';
import type { UnreadableReason } from '../message/received.ts';
import { message } from './records.ts';

/** A body, and what a reader of a failing test calls it. */
export interface OddBody {
  readonly name: string;
  readonly body: string;
  /**
   * Whether SQS takes it: what it refuses can reach the handler only from elsewhere. Default true. The emulator
   * refuses characters beyond U+FFFF too, which AWS takes.
   */
  readonly sendable?: boolean;
}

export interface HostileBody extends OddBody {
  readonly reason: UnreadableReason;
}

/** SQS quotas, "Message size": https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** An envelope as a client writes it, with some fields replaced by other JSON, or left out when undefined. */
export function envelope(fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ v: 1, ...message(), id: 'hostile', ...fields });
}

/** An envelope with a field given as JSON text, for what `JSON.stringify` would not write. */
function envelopeWith(field: string, json: string): string {
  return envelope({ [field]: undefined }).replace(/\}$/, `,"${field}":${json}}`);
}

/** Arrays inside each other, as JSON. */
function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

/** A schema that objects to payloads by what they ask for. */
export const touchySchema: PayloadSchema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      switch ((value as { please?: unknown } | null)?.please) {
        case 'refuse':
          return { issues: [{ message: 'expected a kinder payload', path: ['please'] }] };
        case 'refuse without a word':
          return { issues: [] };
        case 'refuse later':
          return Promise.resolve({ issues: [{ message: 'expected more' }] });
        case 'throw':
          throw new Error('the schema is broken');
        case 'throw nothing':
          throw undefined;
        case 'throw a trap':
          throw new Proxy(new Error(), { get: trap, getPrototypeOf: trap });
        case 'reject':
          return Promise.reject(new TypeError('the schema is broken'));
        case 'answer nothing':
          return undefined as never;
        default:
          return { value };
      }
    },
  },
};

function trap(): never {
  throw new Error('do not look');
}

const malformed = (bodies: Readonly<Record<string, string>>): HostileBody[] =>
  Object.entries(bodies).map(([name, body]) => ({ name, body, reason: 'malformed-body' }));
const unsendable = (bodies: readonly HostileBody[]) => bodies.map((body) => ({ ...body, sendable: false }));
const longId = 'x'.repeat(129);

const broken = malformed({
  'a body cut off before its last brace': envelope().slice(0, -1),
  'a body cut off in the middle of its payload': envelopeWith('payload', '{"text":"hel').slice(0, -1),
  'a body cut off after its first character': '{',
  'an envelope with a trailing comma': envelope().replace(/\}$/, ',}'),
  'an envelope in single quotes': envelope().replaceAll('"', "'"),
  'an envelope after a byte order mark': `\uFEFF${envelope()}`,
  'an envelope encoded twice': JSON.stringify(envelope()),
  'an envelope in base64': Buffer.from(envelope()).toString('base64'),
  'two envelopes': envelope() + envelope(),
  'an envelope inside an array': `[${envelope()}]`,
  'an envelope whose fields are all inherited': `{"__proto__":${envelope()}}`,
  'an envelope whose fields are on its constructor': `{"constructor":{"prototype":${envelope()}}}`,
  'an unescaped line break in a string': envelopeWith('payload', '"two\nlines"'),
  'white space': ' \t\r\n',
  'an empty object': '{}',
  'an empty array': '[]',
  'a number': '42',
  'a string': '"hello"',
  'the word null': 'null',
  'the word true': 'true',
  'the word undefined': 'undefined',
  'plain text': 'Hello, this is not JSON.',
  'U+FFFD alone': '\uFFFD',
  '100,000 opening brackets': '['.repeat(100_000),
  '100,000 levels of arrays': nested(100_000),
});

const foreign = malformed({
  XML: '<?xml version="1.0"?><message id="1"><text>hello</text></message>',
  'an SNS notification': JSON.stringify({
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: 'arn:aws:sns:us-west-2:123456789012:MyTopic',
    Message: envelope(),
  }),
  'an S3 event': JSON.stringify({ Records: [{ eventSource: 'aws:s3', s3: { object: { key: 'a' } } }] }),
  'an S3 test event': JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'bucket' }),
  'an EventBridge event': JSON.stringify({ version: '0', id: 'a', 'detail-type': 'x', detail: {} }),
});

const wrongFields = malformed({
  'no version': envelope({ v: undefined }),
  'no id': envelope({ id: undefined }),
  'an id that is null': envelope({ id: null }),
  'an id that is a number': envelope({ id: 7 }),
  'an id that is an object': envelope({ id: { toString: 'a' } }),
  'an empty id': envelope({ id: '' }),
  'an id of 129 characters': envelope({ id: longId }),
  'an id with a space': envelope({ id: 'a b' }),
  'an id with a line break at its end': envelope({ id: 'a\n' }),
  'an id with a NUL': envelope({ id: 'a\u0000' }),
  'an id that is not ASCII': envelope({ id: 'é' }),
  'no key': envelope({ key: undefined }),
  'a key that is an array of one key': envelope({ key: ['account-1'] }),
  'a key that is false': envelope({ key: false }),
  'an empty key': envelope({ key: '' }),
  'a key of 129 characters': envelope({ key: longId }),
  'a key with a space': envelope({ key: ' account-1' }),
  'a key in Cyrillic': envelope({ key: 'ключ' }),
  'no priority': envelope({ priority: undefined }),
  'an unknown priority': envelope({ priority: 'urgent' }),
  'a priority in capitals': envelope({ priority: 'HIGH' }),
  'a priority that is a number': envelope({ priority: 0 }),
  'a priority that every object has': envelope({ priority: 'toString' }),
  'a priority that every object inherits from': envelope({ priority: '__proto__' }),
  'no enqueuedAtMs': envelope({ enqueuedAtMs: undefined }),
  'an enqueuedAtMs that is text': envelope({ enqueuedAtMs: '1' }),
  'an enqueuedAtMs that is null': envelope({ enqueuedAtMs: null }),
  'an enqueuedAtMs before 1970': envelope({ enqueuedAtMs: -1 }),
  'an enqueuedAtMs with a fraction': envelope({ enqueuedAtMs: 0.5 }),
  'an enqueuedAtMs beyond whole numbers': envelope({ enqueuedAtMs: 2 ** 53 }),
  'an enqueuedAtMs beyond all numbers': envelopeWith('enqueuedAtMs', '1e999'),
  'an enqueuedAtMs that is NaN': envelopeWith('enqueuedAtMs', 'NaN'),
  'a traceparent of 513 characters': envelope({ traceparent: '0'.repeat(513) }),
  'a traceparent that is null': envelope({ traceparent: null }),
  'a tracestate of 513 characters': envelope({ tracestate: '0'.repeat(513) }),
  'a tracestate that is an array': envelope({ tracestate: ['a=1'] }),
  'no payload': envelope({ payload: undefined }),
  'a payload of 101 levels': envelopeWith('payload', nested(101)),
  'a payload of 100,000 levels': envelopeWith('payload', nested(100_000)),
  'a payload of 101 levels of objects': envelopeWith('payload', '{"a":'.repeat(101) + '1' + '}'.repeat(101)),
});

const unknownVersions = Object.entries({
  '0': 0,
  '2': 2,
  '-1': -1,
  '1.5': 1.5,
  'text that says 1': '1',
  null: null,
  true: true,
  'an array of 1': [1],
}).map(([name, v]): HostileBody => ({
  name: `version ${name}`,
  body: envelope({ v }),
  reason: 'unknown-version',
}));

const repeatedVersion: HostileBody = {
  name: 'version 1 overruled by version 2',
  body: envelope().replace(/\}$/, ',"v":2}'),
  reason: 'unknown-version',
};

const refusedPayloads = [
  'refuse',
  'refuse without a word',
  'refuse later',
  'throw',
  'throw nothing',
  'throw a trap',
  'reject',
  'answer nothing',
].map((please): HostileBody => ({
  name: `a payload that makes the schema ${please}`,
  body: envelope({ payload: { please } }),
  reason: 'invalid-payload',
}));

const beyondSqs = unsendable(
  malformed({
    'an empty body': '',
    'U+FFFE alone': '\uFFFE',
    'a lone surrogate': '\uD800',
    'a NUL': '\u0000',
    'an unescaped NUL in a string': envelopeWith('payload', '"\u0000"'),
  }),
);

/** Bodies that can never be delivered, and why. They need {@link touchySchema}. */
export const hostileBodies: readonly HostileBody[] = [
  ...broken,
  ...foreign,
  ...wrongFields,
  ...unknownVersions,
  repeatedVersion,
  ...refusedPayloads,
  ...beyondSqs,
];

/** Bodies that look odd and are messages all the same, each with its payload as JSON. */
export const oddBodies: readonly (OddBody & { readonly payload: string })[] = [
  ...Object.entries({
    'a __proto__ that is data': '{"__proto__":{"polluted":true},"a":1}',
    'a constructor that is data': '{"constructor":{"prototype":{"polluted":true}}}',
    'a __proto__ far inside': '[{"a":[{"__proto__":[1]}]}]',
    'a member that is called toJSON': '{"toJSON":"x","then":"y","valueOf":null}',
    'exactly 100 levels': nested(100),
    'an escaped lone surrogate': '"\\ud800"',
    'an escaped U+FFFE and U+FFFF': '"\\ufffe\\uffff"',
    'an escaped NUL': '"a\\u0000b"',
    'a combining accent and Cyrillic': '"e\u0301 ключ"',
    'an escaped emoji': '"\\ud83c\\udf89"',
    'a line separator': '"\u2028"',
    null: 'null',
    false: 'false',
    'an empty text': '""',
    'an empty object': '{}',
    'the largest number': '1.7976931348623157e+308',
    'names that look like numbers': '{"10":1,"9":2}',
    'an empty name': '{"":0}',
    '10,000 members': JSON.stringify(
      Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`n${i}`, i])),
    ),
  }).map(([name, payload]) => ({ name, payload, body: envelopeWith('payload', payload) })),
  { name: 'version 1.0', payload: '1', body: envelopeWith('v', '1.0').replace('{"text":"hello"}', '1') },
  { name: 'a key that is __proto__', payload: '1', body: envelope({ key: '__proto__', payload: 1 }) },
  { name: 'a key and an id of 128', payload: '1', body: envelope({ key: 'k'.repeat(128), payload: 1 }) },
  {
    name: 'a __proto__ beside it',
    payload: '1',
    body: envelope({ payload: 1 }).replace(/\}$/, ',"__proto__":{"v":2}}'),
  },
  { name: 'unknown fields beside it', payload: '1', body: envelope({ payload: 1, future: { a: 1 } }) },
  { name: 'white space around it', payload: '1', body: ` \n${envelope({ payload: 1 })}\t` },
  {
    name: '100,000 levels in an unknown field',
    payload: '1',
    body: envelope({ payload: 1 }).replace(/\}$/, `,"future":${nested(100_000)}}`),
  },
  sized('a body of 1 MiB less a byte', MAX_MESSAGE_BYTES - 1),
  sized('a body of 1 MiB', MAX_MESSAGE_BYTES),
  { ...sized('a body of 1 MiB and a byte', MAX_MESSAGE_BYTES + 1), sendable: false },
  { name: 'an emoji', payload: '"🎉"', body: envelope({ payload: '🎉' }), sendable: false },
  {
    name: 'an unescaped U+FFFE',
    payload: '"\uFFFE"',
    body: envelopeWith('payload', '"\uFFFE"'),
    sendable: false,
  },
];

function sized(name: string, bytes: number): OddBody & { readonly payload: string } {
  const text = 'x'.repeat(bytes - Buffer.byteLength(envelope({ payload: '' })));
  return { name, payload: JSON.stringify(text), body: envelope({ payload: text }) };
}
