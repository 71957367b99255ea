import type { Message } from '@aws-sdk/client-sqs';
import type { BatchResponse, SqsEvent } from '../message/event.ts';

/** A batch as an event source mapping would hand it over. Its ARN is empty: a worker names its queue by URL. */
export function toEvent(messages: readonly Message[]): SqsEvent {
  return {
    Records: messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
      eventSourceARN: '',
    })),
  };
}

/**
 * The messages that a response does not list, which are finished. A message may be there twice, each time with a receipt
 * handle of its own: listed, none of the two is finished.
 * @throws {TypeError} when it lists a message of another batch: as in Lambda, nothing is finished then.
 */
export function finishedOf(messages: readonly Message[], { batchItemFailures }: BatchResponse): Message[] {
  const listed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const received = new Set(messages.map(({ MessageId = '' }) => MessageId));
  if (![...listed].every((id) => received.has(id))) {
    throw new TypeError('expected a response that lists messages of its batch, found another identifier');
  }
  return messages.filter(({ MessageId = '' }) => !listed.has(MessageId));
}
