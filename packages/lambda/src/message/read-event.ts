import { describeType } from '@huntaze/rate-limiter-client/contract';
import type { SqsRecord } from './event.ts';

/** Parts of an event that may be anything, until they were looked at. */
type Parts = Readonly<Record<string, unknown>>;

/**
 * The records of an event, with every part of the kind that the handler relies on. An event source mapping hands over an
 * object with `Records`, EventBridge Pipes a bare array of the same records
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html).
 * @throws {TypeError} when the event is another one, or a record has no id of SQS: it could not be listed, so any answer
 * would acknowledge it.
 */
export function recordsOf(event: unknown): readonly SqsRecord[] {
  const found: unknown = Array.isArray(event) ? event : partsOf(event)['Records'];
  if (!Array.isArray(found)) {
    const without = typeof event === 'object' && event !== null ? ' without Records' : '';
    throw foreign(describeType(event) + without);
  }
  const given = found.map(partsOf);
  const source = given.map(sourceOf).find((name) => name !== SOURCE);
  if (source !== undefined) throw foreign(`records of ${source}`);
  const nameless = given.filter(({ messageId }) => !textOf(messageId)).length;
  if (nameless > 0) throw foreign(`${nameless} of ${given.length} without a messageId`);
  return given.map(({ messageId, receiptHandle, body, attributes, eventSourceARN }) => {
    const parts = partsOf(attributes);
    return {
      messageId: textOf(messageId)!,
      receiptHandle: textOf(receiptHandle) ?? '',
      body: textOf(body) ?? '',
      attributes: {
        ...count('ApproximateReceiveCount', parts),
        ...count('ApproximateFirstReceiveTimestamp', parts),
        ...count('SentTimestamp', parts),
        MessageGroupId: textOf(parts['MessageGroupId']),
      },
      eventSourceARN: textOf(eventSourceARN) ?? '',
    };
  });
}

const SOURCE = 'aws:sqs';

/** Where a record says that it comes from; a worker's says nothing. Sources of AWS alone are named: the rest may be content. */
function sourceOf({ eventSource, EventSource }: Parts): string {
  const source = eventSource ?? EventSource ?? SOURCE;
  return typeof source === 'string' && /^aws:[a-z\d-]{1,32}$/.test(source) ? source : 'another source';
}

function foreign(found: string): TypeError {
  return new TypeError(
    `expected an event with the records of an SQS queue, found ${found}: give the function a queue as its only source`,
  );
}

/** How often SQS has handed out a message, this time included. */
export function receivesOf({ attributes }: SqsRecord): number {
  return Number(attributes.ApproximateReceiveCount ?? 1);
}

function partsOf(value: unknown): Parts {
  return typeof value === 'object' && value !== null ? (value as Parts) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** SQS writes numbers as text. What is no number is left out, lest it becomes part of a request. */
function count<Name extends keyof SqsRecord['attributes']>(
  name: Name,
  attributes: Parts,
): Partial<Record<Name, string>> {
  const value = attributes[name];
  return typeof value === 'string' && /^\d{1,15}$/.test(value)
    ? ({ [name]: value } as Record<Name, string>)
    : {};
}
