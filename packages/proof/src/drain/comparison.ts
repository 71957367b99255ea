import { silentLogger, silentMetrics } from '@huntaze/rate-limiter-client/contract';
import { createHandler, redisLimiter, slidingWindow, type RedisClient } from '@huntaze/rate-limiter-lambda';
import { baselineHandler } from './baseline-handler.ts';
import type { DrainOptions, DrainReport } from './drain.ts';

/** The same backlog and the same queue for both handlers: 200 messages at once, 10 per second, 5 receives. */
export const backlog = {
  messages: 200,
  limit: 10,
  windowMs: 1_000,
  maxReceiveCount: 5,
  visibilitySeconds: 5,
};

/** Our handler, with its counts in Redis. */
export function ours(redis: RedisClient, prefix: string): DrainOptions {
  return {
    ...backlog,
    makeHandler: ({ limit, windowMs, deliver }, { queueUrl, deadLetterQueueUrl }, sqs) =>
      createHandler({
        deliver,
        limits: [slidingWindow({ limit, windowMs })],
        limiter: redisLimiter({ redis, prefix }),
        // Called as Lambda would, it would write its metrics and its log between the lines of the report.
        metrics: silentMetrics,
        logger: silentLogger,
        sqs,
        queueUrl,
        deadLetterQueueUrl,
      }),
  };
}

/** A token bucket and SQS redelivery. */
export const obvious: DrainOptions = { ...backlog, makeHandler: (work) => baselineHandler(work) };

/** Reports side by side, one figure a line. */
export function compare(columns: Readonly<Record<string, DrainReport>>): string {
  const reports = Object.values(columns);
  const lines: readonly (readonly [string, (report: DrainReport) => string])[] = [
    ['delivered', ({ delivered, messages }) => `${delivered} of ${messages}`],
    ['dead letters, unsent', ({ deadLetters }) => String(deadLetters)],
    ['delivered twice', ({ duplicates }) => String(duplicates)],
    ['most in any window', ({ worstWindow }) => `${worstWindow} (${backlog.limit} allowed)`],
    [
      'receives per message',
      ({ receivesPerMessage, mostReceives }) => `${receivesPerMessage.toFixed(2)} (most ${mostReceives})`,
    ],
    ['handler invocations', ({ invocations }) => String(invocations)],
    ['time / ideal time', ({ timeOverIdeal }) => timeOverIdeal.toFixed(3)],
  ];
  const width = 20;
  const row = (label: string, cells: readonly string[]) =>
    `${label.padEnd(24)}${cells.map((cell) => cell.padEnd(width)).join('')}`.trimEnd();
  return [row('', Object.keys(columns)), ...lines.map(([label, read]) => row(label, reports.map(read)))].join(
    '\n',
  );
}
