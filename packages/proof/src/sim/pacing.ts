import { serializeMessage, type Priority } from '@huntaze/rate-limiter-client/contract';
import { createHandler, memoryLimiter, type Handler, type Limit } from '@huntaze/rate-limiter-lambda';
import { worstWindow } from '@huntaze/testkit';
import { seededRandom, type SeededRandom } from './random.ts';
import { VirtualSqs } from './virtual-sqs.ts';
import { virtualTime, type VirtualTime } from './virtual-time.ts';

export interface PacingOptions {
  readonly seed: number;
  readonly messages: number;
  readonly limits: readonly Limit[];
  readonly windowMs: number;
  readonly limit: number;
  /** Share of each priority; default all medium. */
  readonly mix?: Readonly<Record<Priority, number>>;
  readonly concurrency?: number;
  /** How late wake-ups may be. Default 1,500. */
  readonly lateMs?: number;
  /** Longest delivery. Default 150. */
  readonly slowestMs?: number;
}

export interface PacingReport {
  readonly delivered: number;
  readonly deadLetters: number;
  readonly receivesPerMessage: number;
  readonly mostReceives: number;
  readonly lastOverIdeal: number;
  readonly mostInWindow: number;
  readonly invocations: number;
  readonly steps: number;
  readonly medianWaitMs: Readonly<Record<Priority, number>>;
}

interface Arrival {
  readonly id: string;
  readonly priority: Priority;
  readonly atMs: number;
}

/** A backlog of one key through the real handler and the real limiter, in virtual time. */
export async function simulatePacing(options: PacingOptions): Promise<PacingReport> {
  const { seed, messages, limits, windowMs, limit, mix, lateMs = 1_500, slowestMs = 150 } = options;
  const random = seededRandom(seed);
  const time = virtualTime(random.fork());
  const startMs = time.clock.nowMs();
  const sqs = new VirtualSqs({
    time,
    random: random.fork(),
    visibilityMs: 180_000,
    lateMs,
    maxReceiveCount: 1_000,
  });
  const arrivals: Arrival[] = [];
  const travel = random.fork();
  const handler = createHandler({
    limits,
    limiter: memoryLimiter({ clock: time.clock }),
    sqs: sqs.client,
    queueUrl: 'queue',
    deadLetterQueueUrl: 'dead-letters',
    clock: time.clock,
    random: random.fork(),
    deliver: async ({ id, priority }) => {
      await time.clock.sleep(travel.between(10, slowestMs / 2));
      arrivals.push({ id, priority, atMs: time.clock.nowMs() - startMs });
      await time.clock.sleep(travel.between(10, slowestMs / 2));
    },
  });
  const mapping = runMapping(time, sqs, handler, random.fork(), options.concurrency ?? 5);
  for (let index = 0; index < messages; index++) {
    const priority = drawPriority(random, mix);
    const id = `m-${index}`;
    sqs.send(
      id,
      serializeMessage({ id, key: 'account-1', priority, payload: null, enqueuedAtMs: Math.floor(startMs) }),
    );
  }
  await time.run(Number.POSITIVE_INFINITY);

  const receives = [...sqs.receives.values()];
  const instants = arrivals.map(({ atMs }) => atMs);
  return {
    delivered: new Set(arrivals.map(({ id }) => id)).size,
    deadLetters: sqs.deadLetters.length,
    receivesPerMessage: receives.reduce((sum, count) => sum + count, 0) / messages,
    mostReceives: Math.max(...receives),
    lastOverIdeal: Math.max(...instants) / (Math.floor((messages - 1) / limit) * windowMs),
    mostInWindow: worstWindow(instants, windowMs),
    invocations: mapping.invocations(),
    steps: time.steps,
    medianWaitMs: {
      high: median(arrivals, 'high'),
      medium: median(arrivals, 'medium'),
      low: median(arrivals, 'low'),
    },
  };
}

/** Polls with up to `concurrency` invocations at once, as an event source mapping does. */
function runMapping(
  time: VirtualTime,
  sqs: VirtualSqs,
  handler: Handler,
  random: SeededRandom,
  concurrency: number,
) {
  let running = 0;
  let invocations = 0;
  const invoke = async () => {
    const records = sqs.receive(10);
    if (records.length > 0) {
      invocations++;
      const startedMs = time.clock.monotonicMs();
      const context = { getRemainingTimeInMillis: () => 30_000 - (time.clock.monotonicMs() - startedMs) };
      const { batchItemFailures } = await handler({ Records: records }, context);
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      sqs.delete(records.filter(({ messageId }) => !failed.has(messageId)));
    }
    running--;
    if (records.length > 0) poll();
  };
  const poll = () => {
    if (running >= concurrency) return;
    running++;
    time.after(random.between(20, 100), () => void invoke());
  };
  sqs.whenVisible(poll);
  return { invocations: () => invocations };
}

function drawPriority(random: SeededRandom, mix: PacingOptions['mix']): Priority {
  if (!mix) return 'medium';
  const drawn = random.next();
  if (drawn < mix.high) return 'high';
  return drawn < mix.high + mix.medium ? 'medium' : 'low';
}

function median(arrivals: readonly Arrival[], priority: Priority): number {
  const waits = arrivals.filter((one) => one.priority === priority).map(({ atMs }) => atMs);
  return waits.toSorted((a, b) => a - b)[waits.length >> 1] ?? 0;
}
