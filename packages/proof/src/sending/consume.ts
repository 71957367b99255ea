import { createHandler, memoryLimiter, PermanentError, slidingWindow } from '@huntaze/rate-limiter-lambda';
import { createWorker } from '@huntaze/rate-limiter-lambda/worker';
import { until, type SqsServer, type TestQueue } from '@huntaze/testkit';

/** What the handler did with a queue. */
export interface Consumed {
  /** Ids of messages, as often as they were delivered. */
  readonly delivered: readonly string[];
  /** Reasons by id. */
  readonly deadLetters: ReadonlyMap<string, string>;
}

/** Delivers everything in a queue, without a limit that would be felt. Messages that `refuses` names can never be delivered. */
export async function consume(
  { client: sqs, counts, readAll }: SqsServer,
  { queueUrl, deadLetterQueueUrl }: TestQueue,
  refuses: (id: string) => boolean,
): Promise<Consumed> {
  const delivered: string[] = [];
  const handler = createHandler({
    limits: [slidingWindow({ limit: 10_000, windowMs: 1_000 })],
    limiter: memoryLimiter(),
    sqs,
    queueUrl,
    deadLetterQueueUrl,
    async deliver({ id }) {
      if (refuses(id)) throw new PermanentError('refused by the upstream');
      delivered.push(id);
    },
  });
  const worker = createWorker({ queueUrl, handler, sqs, concurrency: 8, pollWaitMs: 1_000 });
  worker.start();
  await until(
    'an empty queue',
    async () => {
      const { waiting, hidden, delayed } = await counts(queueUrl);
      return waiting + hidden + delayed === 0;
    },
    { timeoutMs: 120_000, everyMs: 200 },
  );
  await worker.stop();
  const letters = await readAll(deadLetterQueueUrl);
  const deadLetters = new Map(
    letters.map(({ body, attributes }) => [idOf(body), attributes['reason'] ?? '']),
  );
  return { delivered, deadLetters };
}

/** The id in an envelope. */
export function idOf(body: string): string {
  return (JSON.parse(body) as { id: string }).id;
}
