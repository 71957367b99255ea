import { createHash } from 'node:crypto';
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SendMessageBatchResult,
} from '@aws-sdk/client-sqs';
import type { Clock, Logger } from '../contract/index.ts';
import { entryFailure, requestFailure, unconfirmed } from './errors.ts';
import { isFifo } from '@huntaze/kit';
import type { Sqs } from './sqs.ts';
import type { OutgoingMessage, RequestOutcome, SqsRequests } from './outgoing.ts';

interface SqsRequestsOptions {
  readonly sqs: Sqs;
  readonly queueUrl: string;
  /** Whether a message names its key to a standard queue. */
  readonly fairQueue: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Sends messages to one SQS queue: one call, one SendMessageBatch request, no retries. */
export function sqsRequests({ sqs, queueUrl, fairQueue, clock, logger }: SqsRequestsOptions): SqsRequests {
  const toEntry = isFifo(queueUrl) ? fifoEntry : fairQueue ? fairEntry : plainEntry;

  async function request(messages: readonly OutgoingMessage[], signal?: AbortSignal): Promise<Answer> {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: messages.map(toEntry) });
    const answer = await sqs.send(command, signal && { abortSignal: signal });
    return readAnswer(answer as Partial<SendMessageBatchResult> | undefined, messages.length);
  }

  return {
    async send(messages, signal) {
      const startMs = clock.monotonicMs();
      const about = () => ({
        queueUrl,
        messages: messages.length,
        bytes: messages.reduce((sum, { bytes }) => sum + bytes, 0),
        durationMs: Math.round(clock.monotonicMs() - startMs),
      });
      try {
        const { outcomes, strangers } = await request(messages, signal);
        const errors = outcomes
          .filter((outcome) => outcome.kind === 'failed')
          .map(({ error }) => error.message);
        logger.debug({ ...about(), failed: errors.length }, 'SQS answered a request');
        if (errors.length > 0)
          logger.warn({ ...about(), errors }, 'SQS did not take every message of a request');
        if (strangers > 0)
          logger.warn({ ...about(), strangers }, 'SQS answered for messages that were not sent');
        return outcomes;
      } catch (error) {
        const failure = requestFailure(error);
        logger.warn({ ...about(), error: failure.error.message }, 'a request to SQS failed');
        return messages.map(() => failure);
      }
    },
  };
}

function plainEntry({ body }: OutgoingMessage, index: number): SendMessageBatchRequestEntry {
  return { Id: String(index), MessageBody: body };
}

/** `MessageGroupId` makes a standard queue fair between keys: no key with many messages delays the others. */
function fairEntry(message: OutgoingMessage, index: number): SendMessageBatchRequestEntry {
  return { ...plainEntry(message, index), MessageGroupId: message.key };
}

/**
 * A FIFO queue drops a second message with the same deduplication id for 5 minutes, whatever its group.
 * Ours are the same when key and id are, so the id stands for both.
 */
function fifoEntry(message: OutgoingMessage, index: number): SendMessageBatchRequestEntry {
  const identity = JSON.stringify([message.key, message.id]);
  const digest = createHash('sha256').update(identity).digest('hex');
  return { ...fairEntry(message, index), MessageDeduplicationId: digest };
}

/** What SQS answered to a request of several entries, entry by entry. */
export interface Answer {
  /** In the order of the entries, whose ids are their indexes: "0" to "9". */
  readonly outcomes: readonly RequestOutcome[];
  /** How many entries of the answer belong to no entry of the request. */
  readonly strangers: number;
}

/**
 * Reads the answer of SendMessageBatch, which is HTTP 200 even when entries failed
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html).
 * Only what SQS calls successful, and does not also call failed, counts as queued.
 */
export function readAnswer(answer: Partial<SendMessageBatchResult> | undefined, entries: number): Answer {
  const outcomes: RequestOutcome[] = [];
  let strangers = 0;
  const settle = (id: string | undefined, outcome: RequestOutcome) => {
    const index = ENTRY_ID.test(String(id)) ? Number(id) : entries;
    if (index < entries) outcomes[index] = outcome;
    else strangers += 1;
  };
  for (const { Id } of answer?.Successful ?? []) settle(Id, QUEUED);
  for (const { Id, Code, SenderFault } of answer?.Failed ?? [])
    settle(Id, entryFailure(Code, SenderFault === true));
  for (let index = 0; index < entries; index++) outcomes[index] ??= unconfirmed();
  return { outcomes, strangers };
}

/** What an entry of a request is called: its position. */
const ENTRY_ID = /^\d$/;

const QUEUED: RequestOutcome = { kind: 'queued' };
