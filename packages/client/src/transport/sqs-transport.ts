import { createHash } from 'node:crypto';
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SendMessageBatchResult,
} from '@aws-sdk/client-sqs';
import type { Clock, Logger } from '../contract/index.ts';
import { readAnswer, type Answer } from './answer.ts';
import { requestFailure } from './diagnosis.ts';
import { isFifo } from '@huntaze/kit';
import type { Sqs } from './sqs.ts';
import type { OutgoingMessage, Transport } from './transport.ts';

/** What {@link sqsTransport} works with. */
export interface SqsTransportOptions {
  readonly sqs: Sqs;
  readonly queueUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Sends messages to one SQS queue: one call, one SendMessageBatch request, no retries. */
export function sqsTransport({ sqs, queueUrl, clock, logger }: SqsTransportOptions): Transport {
  const toEntry = isFifo(queueUrl) ? fifoEntry : standardEntry;

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

/** `MessageGroupId` makes a standard queue fair between keys: no key with many messages delays the others. */
function standardEntry({ key, body }: OutgoingMessage, index: number): SendMessageBatchRequestEntry {
  return { Id: String(index), MessageBody: body, MessageGroupId: key };
}

/**
 * A FIFO queue drops a second message with the same deduplication id for 5 minutes, whatever its group.
 * Ours are the same when key and id are, so the id stands for both.
 */
function fifoEntry(message: OutgoingMessage, index: number): SendMessageBatchRequestEntry {
  const identity = JSON.stringify([message.key, message.id]);
  const digest = createHash('sha256').update(identity).digest('hex');
  return { ...standardEntry(message, index), MessageDeduplicationId: digest };
}
