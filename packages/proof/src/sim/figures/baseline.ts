import type { Handler, SqsRecord } from '@huntaze/rate-limiter-lambda';
import { baselineHandler } from '../../drain/baseline-handler.ts';
import { planArrivals } from '../world/arrivals.ts';
import { Consumers } from '../world/consumers.ts';
import { noFaults } from '../world/faults.ts';
import type { Sighting } from './ideal.ts';
import { Judge } from '../judges/judge.ts';
import { arrivalFigures, backlog, type Arrival, type PacingFigures, type PacingOptions } from './pacing.ts';
import { Queue } from '../world/queue.ts';
import { seededRandom } from '../engine/random.ts';
import { openTrace } from '../engine/trace.ts';
import { virtualTime } from '../engine/virtual-time.ts';
import type { World } from '../world/world.ts';

/** The usual redrive policy. */
const MAX_RECEIVE_COUNT = 5;

/** Counts receives, and lets pass what the obvious handler does to messages. */
class Onlooker extends Judge {
  override fail(): void {}
}

interface Envelope extends Sighting {
  readonly key: string;
}

/**
 * The backlog of `simulatePacing` through the obvious handler, in the same queue and the same virtual time: one token
 * bucket for all functions, whoever finds no token is a batch failure, and what was received five times in vain is a
 * dead letter.
 */
export async function simulateObvious(options: PacingOptions): Promise<PacingFigures> {
  const random = seededRandom(options.seed);
  const time = virtualTime(random.fork());
  const scenario = backlog(options);
  const trace = openTrace(() => time.clock.monotonicMs());
  const judge = new Onlooker(time, trace, scenario);
  const world: World = {
    time,
    random,
    trace,
    faults: noFaults,
    scenario,
    judge,
    upstream: { slowMs: 0, stalledUntilMs: 0 },
  };
  const handed = new Map<string, Sighting>();
  const arrivals: Arrival[] = [];
  let deadLetters = 0;

  const deliver = async (message: Envelope) => {
    await time.clock.sleep(random.between(1, scenario.deliveryMs / 2));
    arrivals.push({ ...message, atMs: time.clock.monotonicMs() });
    await time.clock.sleep(random.between(1, scenario.deliveryMs / 2));
  };
  const { limit, windowMs } = options;
  const obvious = baselineHandler({ limit, windowMs, deliver }, () => time.clock.monotonicMs());
  const handler: Handler = async ({ Records }) => {
    for (const { body } of Records) {
      const message = JSON.parse(body) as Envelope;
      if (!handed.has(message.id)) handed.set(message.id, message);
    }
    // SQS would move these instead of handing them over once more.
    const left = Records.filter((record) => receivesOf(record) <= MAX_RECEIVE_COUNT);
    deadLetters += Records.length - left.length;
    return await obvious({ Records: left });
  };
  const queue = new Queue(world);
  const consumers = new Consumers(world, [queue], () => handler);
  planArrivals(world, [queue]);
  queue.whenEmpty(() => time.stop());
  consumers.poll();
  await time.run(Number.POSITIVE_INFINITY);
  return {
    ...arrivalFigures(options, [...handed.values()], arrivals),
    deadLetters,
    receivesPerMessage: (judge.queue.receives - deadLetters) / options.messages,
    mostReceives: Math.min(judge.queue.mostReceives, MAX_RECEIVE_COUNT),
  };
}

function receivesOf({ attributes }: SqsRecord): number {
  return Number(attributes.ApproximateReceiveCount);
}
