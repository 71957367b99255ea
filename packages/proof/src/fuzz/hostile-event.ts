import { serializeMessage, type Message } from '@huntaze/rate-limiter-client/contract';
import type { SqsEvent, SqsRecord } from '@huntaze/rate-limiter-lambda';
import type { SeededRandom } from '../sim/engine/random.ts';

const STANDARD_ARN = 'arn:aws:sqs:eu-west-1:123456789012:messages';

/** One of the items, each as likely as the others. */
export function pick<Item>(random: SeededRandom, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}

/** What the handler is invoked with. */
export interface DrawnEvent {
  readonly event: SqsEvent;
  /** Its records, or undefined when it is none of SQS and must be refused. */
  readonly records: readonly SqsRecord[] | undefined;
}

/** An event of SQS, through an event source mapping or a pipe, or one of something else. */
export function drawEvent(random: SeededRandom): DrawnEvent {
  const records = drawRecords(random);
  if (random.chance(0.97))
    return { event: random.chance(0.1) ? (records as never) : { Records: records }, records };
  const odd = pick<unknown>(random, [null, 7, {}, { messageId: 7 }, { EventSource: 'aws:sns' }]);
  const event = pick<unknown>(random, [
    undefined,
    'x',
    drawJson(random, 0),
    { Records: drawJson(random, 0) },
    { [pick(random, oddNames)]: drawJson(random, 3) },
    [...records, odd],
    { Records: [odd, ...records] },
  ]);
  return { event: event as SqsEvent, records: undefined };
}

/** Records as SQS would hand them over, or nearly: bodies of every kind, and attributes that are missing or wrong. */
function drawRecords(random: SeededRandom): SqsRecord[] {
  const count = pick(random, [0, 1, 1, 2, 3, 5, 10]);
  const eventSourceARN = drawArn(random);
  const orderly = random.chance(0.7);
  return Array.from({ length: count }, (_, index) => {
    const messageId = !orderly && index > 0 && random.chance(0.1) ? 'sqs-0' : `sqs-${index}`;
    const record = {
      messageId,
      receiptHandle: `${messageId} receipt ${index}`,
      body: drawBody(random),
      attributes: drawAttributes(random, orderly),
      eventSourceARN,
    };
    if (!orderly && random.chance(0.2))
      Reflect.deleteProperty(record, pick(random, ['receiptHandle', 'body', 'attributes']));
    return record;
  });
}

function drawArn(random: SeededRandom): string {
  if (random.chance(0.97)) return random.chance(0.3) ? `${STANDARD_ARN}.fifo` : STANDARD_ARN;
  return pick(random, ['', 'arn:aws:s3:::bucket', 'arn:aws-cn:sqs:cn-north-1:123456789012:q', '__proto__']);
}

function drawAttributes(random: SeededRandom, orderly: boolean): SqsRecord['attributes'] {
  const group = random.chance(0.5) ? { MessageGroupId: pick(random, ['a', 'b', '__proto__']) } : {};
  const receives = { ApproximateReceiveCount: String(1 + random.below(30)) };
  const first = { ApproximateFirstReceiveTimestamp: '1767225600000', SentTimestamp: '1767225599000' };
  if (orderly) return { ...group, ...receives, ...first };
  const odd = pick(random, ['', 'NaN', '-1', '1e400', '9'.repeat(40), ' 1']);
  return {
    ...group,
    ...(random.chance(0.5) && receives),
    ...(random.chance(0.3) && { ApproximateReceiveCount: odd }),
    ...(random.chance(0.3) && { ApproximateFirstReceiveTimestamp: odd, SentTimestamp: odd }),
  };
}

function drawBody(random: SeededRandom): string {
  const message = serializeMessage(drawMessage(random));
  switch (random.below(8)) {
    case 0:
      return damage(random, message);
    case 1:
      return damage(random, damage(random, message));
    case 2:
      return withOddField(random, message);
    case 3:
      return JSON.stringify(drawJson(random, 4));
    case 4:
      return drawText(random);
    default:
      return message;
  }
}

/** Few keys and ids, so that twins within a batch are common. */
function drawMessage(random: SeededRandom): Message {
  return {
    id: pick(random, ['a', 'b', 'c', 'd', 'e', 'constructor']),
    key: pick(random, ['account-1', 'account-2', '__proto__']),
    priority: pick(random, ['high', 'medium', 'low']),
    payload: random.chance(0.8) ? { text: 'hello' } : (drawJson(random, 3) as Message['payload']),
    enqueuedAtMs: random.chance(0.9) ? Date.UTC(2026, 0, 1) : 0,
    ...(random.chance(0.2) && { life: pick(random, [1, 2, 3]) }),
  };
}

/** Another character somewhere, one too many, or the end missing. */
function damage(random: SeededRandom, text: string): string {
  const at = random.below(text.length + 1);
  switch (random.below(3)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + drawText(random) + text.slice(at);
    default:
      return text.slice(0, at) + pick(random, ['"', '{', '}', '\\', '\u0000', '0']) + text.slice(at + 1);
  }
}

function withOddField(random: SeededRandom, message: string): string {
  const name = pick(random, [
    'v',
    'id',
    'key',
    'priority',
    'payload',
    'enqueuedAtMs',
    'life',
    'traceparent',
    '__proto__',
  ]);
  return message.replace(/\}$/, `,"${name}":${JSON.stringify(drawJson(random, 2))}}`);
}

function drawJson(random: SeededRandom, levels: number): unknown {
  if (levels > 0 && random.chance(0.4)) {
    const items = Array.from({ length: random.below(4) }, () => drawJson(random, levels - 1));
    if (random.chance(0.5)) return items;
    return Object.fromEntries(items.map((item) => [pick(random, oddNames), item]));
  }
  return pick<unknown>(random, [
    null,
    true,
    0,
    -1,
    2 ** 53,
    1e308,
    '',
    'x',
    '\uD800',
    '\u0000',
    'v'.repeat(129),
  ]);
}

const oddNames = ['a', '', '__proto__', 'constructor', 'toString', 'toJSON', 'then', 'v', 'length'];

const characters = [
  'a',
  '"',
  '\\',
  '\u0000',
  '\uD800',
  '\uFFFE',
  '🎉',
  'é',
  '\u2028',
  '{',
  '[',
  ' ',
  '\n',
  '9',
];

function drawText(random: SeededRandom): string {
  return Array.from({ length: random.below(12) }, () => pick(random, characters)).join('');
}
