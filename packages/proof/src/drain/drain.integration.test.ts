import { createHandler, redisLimiter, slidingWindow } from '@huntaze/rate-limiter-lambda';
import { redisForTests } from '@huntaze/testkit';
import { expect, it } from 'vitest';
import { drain } from './drain.ts';

const { redis, prefix } = await redisForTests();

it(
  'drains 200 messages at 10 per second: none lost, none early, about two receives each',
  { timeout: 120_000 },
  async () => {
    const report = await drain({
      messages: 200,
      limit: 10,
      windowMs: 1_000,
      maxReceiveCount: 5,
      visibilitySeconds: 60,
      makeHandler: ({ limit, windowMs, deliver }, { queueUrl, deadLetterQueueUrl }, sqs) =>
        createHandler({
          deliver,
          limits: [slidingWindow({ limit, windowMs })],
          limiter: redisLimiter({ redis, prefix }),
          sqs,
          queueUrl,
          deadLetterQueueUrl,
        }),
    });
    console.log(report);
    expect(report).toMatchObject({ delivered: 200, duplicates: 0, deadLetters: 0 });
    expect(report.worstWindow).toBeLessThanOrEqual(10);
    expect(report.receivesPerMessage).toBeLessThanOrEqual(2.5);
    expect(report.timeOverIdeal).toBeLessThanOrEqual(1.1);
  },
);
