import type { SqsRecord } from '@huntaze/rate-limiter-lambda';
/** What travels beside a body, by name. */
export type Attributes = Readonly<Record<string, string>>;

/** A message as SQS keeps it. */
export interface QueuedMessage {
  readonly sqsId: string;
  readonly body: string;
  /** Key and id of what it carries; of a body that nobody can read, its text. */
  readonly identity: string;
  readonly sentAtMs: number;
  readonly attributes: Attributes;
  receives: number;
  /** How many receives have a reason: the first, parks, deliveries, faults. */
  explained: number;
  firstReceivedAtMs: number;
  receipt: string;
  /** Grows whenever the visibility changes: an older wake-up then means nothing. */
  epoch: number;
  visible: boolean;
}

/** What whoever receives a message is given, in the form of Lambda's events. */
export function toRecord(message: QueuedMessage, queue: string): SqsRecord {
  const { attributes, sqsId, body, receives, receipt, sentAtMs, firstReceivedAtMs } = message;
  return {
    messageId: sqsId,
    receiptHandle: receipt,
    body,
    attributes: {
      SentTimestamp: String(Math.floor(sentAtMs)),
      ApproximateReceiveCount: String(receives),
      ApproximateFirstReceiveTimestamp: String(Math.floor(firstReceivedAtMs)),
    },
    ...messageAttributes(attributes),
    eventSourceARN: `arn:aws:sqs:eu-west-1:000000000000:${queue}`,
  };
}

/** As Lambda writes them into a record. */
function messageAttributes(attributes: Attributes): object {
  const all = Object.entries(attributes).map(([name, stringValue]) => [
    name,
    { stringValue, stringListValues: [], binaryListValues: [], dataType: 'String' },
  ]);
  return { messageAttributes: Object.fromEntries(all) };
}
