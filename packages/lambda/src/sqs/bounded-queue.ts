import { awsErrorName, exponentialMs, withTimeout } from '@huntaze/kit';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type DeleteMessageBatchCommandInput,
  type DeleteMessageBatchCommandOutput,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clock, Logger, Random } from '@huntaze/rate-limiter-client/contract';
import type { WorkerSqsClient } from './worker-sqs-client.ts';

/** What a worker's calls of SQS need besides SQS. */
export interface BoundedQueueOptions {
  readonly sqs: WorkerSqsClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** How long SQS may wait for messages before it answers a receive. */
  readonly pollWaitMs: number;
  /** How long SQS may take beyond what it was asked to wait. */
  readonly timeoutMs: number;
  /** Aborts when nothing more is to be received. */
  readonly stopping: AbortSignal;
  /** Is told after each receive how many of them have failed in a row, and why the last one did. */
  onReceive?(failures: number, problem?: string): void;
}

/** Between failed receives: doubling from the first to the last, shortened by up to half at random. */
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;

/**
 * SQS as one polling loop of `sqs-consumer` sees it: a receive never fails, it is logged, answered with no
 * messages and the next one comes later; the loop itself would repeat most failures at once. A deletion may name one
 * message twice. No call hangs.
 */
export function boundedQueue(options: BoundedQueueOptions): SQSClient {
  const { sqs, clock, random, logger, pollWaitMs, timeoutMs, stopping, onReceive } = options;
  let failures = 0;
  const receive = async (command: ReceiveMessageCommand) => {
    if (failures > 0) await clock.sleep(backoffMs(failures, random.next()), stopping);
    if (stopping.aborted) return {};
    try {
      const reply = await withTimeout({ clock, timeoutMs: pollWaitMs + timeoutMs }, (abortSignal) =>
        sqs.send(command, { abortSignal }),
      );
      failures = 0;
      onReceive?.(failures);
      return reply;
    } catch (error) {
      failures++;
      const problem = awsErrorName(error);
      onReceive?.(failures, problem);
      logger.error({ failures, error: problem }, 'messages could not be received: the queue is asked later');
      return {};
    }
  };
  const remove = ({ input }: DeleteMessageBatchCommand) =>
    deleteEach(input, (command) =>
      withTimeout({ clock, timeoutMs }, (abortSignal) => sqs.send(command, { abortSignal })),
    );
  const send = (command: ReceiveMessageCommand | DeleteMessageBatchCommand) =>
    command instanceof ReceiveMessageCommand ? receive(command) : remove(command);
  // The consumer names the whole client and calls this method of it.
  return { send: send as SQSClient['send'] } satisfies Pick<SQSClient, 'send'> as SQSClient;
}

type Deleted = Pick<DeleteMessageBatchCommandOutput, 'Successful' | 'Failed'>;

/**
 * Deletes messages under entry ids of their own. The loop names each entry by its message's id, and SQS refuses a whole
 * request of which two entries have the same id, as those of a message have that one receive held twice.
 */
async function deleteEach(
  { Entries = [], ...input }: DeleteMessageBatchCommandInput,
  send: (command: DeleteMessageBatchCommand) => Promise<Deleted>,
): Promise<Deleted> {
  const numbered = Entries.map((entry, index) => ({ ...entry, Id: String(index) }));
  const { Successful = [], Failed = [] } = await send(
    new DeleteMessageBatchCommand({ ...input, Entries: numbered }),
  );
  const named = <Entry extends { Id: string | undefined }>(entry: Entry): Entry => ({
    ...entry,
    Id: Entries[Number(entry.Id)]?.Id,
  });
  return { Successful: Successful.map(named), Failed: Failed.map(named) };
}

/** How long to leave SQS alone after so many failed receives in a row. `jitter`: a number in [0, 1). */
function backoffMs(failures: number, jitter: number): number {
  return exponentialMs(failures, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS) * (1 - jitter / 2);
}
