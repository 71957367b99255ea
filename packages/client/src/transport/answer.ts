import type { SendMessageBatchResult } from '@aws-sdk/client-sqs';
import { QueueUnavailableError } from '../contract/index.ts';
import { entryFailure } from './diagnosis.ts';
import type { Outcome } from './transport.ts';

/** What SQS answered to a request of several entries, entry by entry. */
export interface Answer {
  /** In the order of the entries, whose ids are their indexes: "0" to "9". */
  readonly outcomes: readonly Outcome[];
  /** How many entries of the answer belong to no entry of the request. */
  readonly strangers: number;
}

/**
 * Reads the answer of SendMessageBatch, which is HTTP 200 even when entries failed
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html).
 * Only what SQS calls successful, and does not also call failed, counts as queued.
 */
export function readAnswer(answer: Partial<SendMessageBatchResult> | undefined, entries: number): Answer {
  const outcomes: Outcome[] = [];
  let strangers = 0;
  const settle = (id: string | undefined, outcome: Outcome) => {
    const index = ENTRY_ID.test(String(id)) ? Number(id) : entries;
    if (index < entries) outcomes[index] = outcome;
    else strangers += 1;
  };
  for (const { Id } of answer?.Successful ?? []) settle(Id, QUEUED);
  for (const { Id, Code, SenderFault } of answer?.Failed ?? [])
    settle(Id, entryFailure(Code, SenderFault === true));
  for (let index = 0; index < entries; index++) outcomes[index] ??= unmentioned();
  return { outcomes, strangers };
}

/** What an entry of a request is called: its place. */
const ENTRY_ID = /^\d$/;

const QUEUED: Outcome = { kind: 'queued' };

function unmentioned(): Outcome {
  return {
    kind: 'failed',
    verdict: 'unavailable',
    error: new QueueUnavailableError(
      'expected SQS to confirm the message, found it missing from the answer: it may be queued or not, so send it again only with the same id',
    ),
  };
}
