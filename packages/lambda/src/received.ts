import type { SqsEvent, SqsRecord } from './event.ts';

/** Parts of an event that may be anything, until they were looked at. */
type Parts = Readonly<Record<string, unknown>>;

/**
 * The records of an event, with every part of the kind that the handler relies on. What is no event of SQS holds
 * none, and what has no id of SQS is none: it can be neither listed nor lost.
 */
export function recordsOf(event: SqsEvent): readonly SqsRecord[] {
  const { Records } = partsOf(event);
  if (!Array.isArray(Records)) return [];
  return Records.flatMap((record) => {
    const { messageId, receiptHandle, body, attributes, eventSourceARN } = partsOf(record);
    if (typeof messageId !== 'string' || messageId === '') return [];
    const parts = partsOf(attributes);
    return [
      {
        messageId,
        receiptHandle: textOf(receiptHandle) ?? '',
        body: textOf(body) ?? '',
        attributes: {
          ...count('ApproximateReceiveCount', parts),
          ...count('ApproximateFirstReceiveTimestamp', parts),
          ...count('SentTimestamp', parts),
          MessageGroupId: textOf(parts['MessageGroupId']),
        },
        eventSourceARN: textOf(eventSourceARN) ?? '',
      },
    ];
  });
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
