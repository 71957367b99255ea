import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHandler } from '../src/handler.ts';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { slidingWindow } from '../src/limiter/limits/limit.ts';
import { fakeSqs } from '../src/testing/fake-sqs.ts';
import { DEAD_LETTER_QUEUE_URL, FIFO_QUEUE_ARN, listing, record, sqsEvent } from '../src/testing/records.ts';
import { restlessClock } from '../src/testing/restless-clock.ts';

const RUNS = process.env['DEEP'] ? 20_000 : 300;

/** What is in a list, over and over. */
function cycle<Item>(items: readonly Item[]): () => Item {
  let next = 0;
  return () => items[next++ % items.length]!;
}

/** What a read of the clock takes, and how wrong timers are, in microseconds. */
const readsUs = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 7 });
const errorsUs = fc.array(fc.integer({ min: -2_000, max: 9_000 }), { minLength: 1, maxLength: 7 });

it.each([
  { kind: 'a standard queue', fifo: false },
  { kind: 'a FIFO queue', fifo: true },
])(
  'a batch of $kind whose messages are held ends, whatever clock and timers do, and asks no more than it must',
  async ({ fifo }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          messages: fc.integer({ min: 1, max: 6 }),
          concurrency: fc.integer({ min: 1, max: 6 }),
          limit: fc.integer({ min: 1, max: 3 }),
          windowMs: fc.integer({ min: 100, max: 400 }),
          deliveryMs: fc.constantFrom(0, 7, 300),
          reads: readsUs,
          errors: errorsUs,
        }),
        async ({ messages, concurrency, limit, windowMs, deliveryMs, reads, errors }) => {
          const [read, error] = [cycle(reads), cycle(errors)];
          const clock = restlessClock({ readMs: () => read() / 1_000, timerErrorMs: () => error() / 1_000 });
          const delivered: string[] = [];
          let questions = 0;
          const limiter = memoryLimiter({ clock });
          const handler = createHandler({
            clock,
            concurrency,
            inlineHoldMs: 60_000,
            marginMs: 0,
            limits: [slidingWindow({ limit, windowMs })],
            limiter: {
              ...limiter,
              admit: (request) => {
                questions++;
                return limiter.admit(request);
              },
            },
            sqs: fakeSqs(),
            deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
            deliver: async ({ id }) => {
              delivered.push(id);
              if (deliveryMs > 0) await clock.sleep(deliveryMs);
            },
          });
          const ids = Array.from({ length: messages }, (_, index) => `m-${index}`);
          const records = ids.map((messageId) =>
            record({ messageId, ...(fifo && { eventSourceARN: FIFO_QUEUE_ARN, group: 'account-1' }) }),
          );

          const response = await Promise.race([
            handler(sqsEvent(...records)),
            clock.standstill().then(() => 'never'),
          ]);

          expect(response).toEqual(listing());
          expect(delivered.toSorted()).toEqual(ids);
          if (fifo) expect(delivered).toEqual(ids);
          // Each message is asked about, waits behind the others, and may wake early some times: a timer that is always
          // early wakes it for nothing while the last milliseconds pass, a few times in each that it is early by.
          const earlyMs = Math.ceil(-Math.min(0, ...errors) / 1_000);
          expect(questions).toBeLessThanOrEqual(messages * (messages + 8 * Math.max(1, earlyMs)));
        },
      ),
      { numRuns: RUNS },
    );
  },
);

it('a delivery that outlasts its leases ends, whatever clock, timers and renewals do, and renews no more than it must', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        deliveryMs: fc.integer({ min: 0, max: 5_000 }),
        deliverTimeoutMs: fc.integer({ min: 1, max: 6_000 }),
        renewals: fc.array(
          fc.constantFrom<'prolonged' | 'lost' | 'fails' | 'silent'>('prolonged', 'lost', 'fails', 'silent'),
          {
            minLength: 1,
            maxLength: 5,
          },
        ),
        reads: readsUs,
        errors: errorsUs,
      }),
      async ({ deliveryMs, deliverTimeoutMs, renewals, reads, errors }) => {
        const [read, error, renewal] = [cycle(reads), cycle(errors), cycle(renewals)];
        const clock = restlessClock({ readMs: () => read() / 1_000, timerErrorMs: () => error() / 1_000 });
        let asked = 0;
        const limiter = memoryLimiter({ clock });
        const handler = createHandler({
          clock,
          leaseMs: 1_000,
          deliverTimeoutMs,
          timeoutMs: 300,
          limits: [slidingWindow({ limit: 10, windowMs: 1_000 })],
          limiter: {
            ...limiter,
            async renew(request) {
              asked++;
              const outcome = renewal();
              if (outcome === 'silent') return await new Promise<never>(() => {});
              if (outcome === 'fails') throw new Error('no');
              return outcome === 'prolonged' ? await limiter.renew(request) : [false];
            },
          },
          sqs: fakeSqs(),
          deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
          deliver: (_, { signal }) => clock.sleep(deliveryMs, signal),
        });

        const response = await Promise.race([
          handler(sqsEvent(record())),
          clock.standstill().then(() => 'never'),
        ]);

        expect(response).not.toBe('never');
        // Two for each lease, some when one fails, and some more when its end is near.
        expect(asked).toBeLessThanOrEqual(100);
      },
    ),
    { numRuns: RUNS },
  );
});
