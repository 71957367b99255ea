import { serializeMessage, type Priority } from '@huntaze/rate-limiter-client/contract';
import type { Queue } from './queue.ts';
import type { Rhythm } from '../scenario/rhythm.ts';
import type { World } from './world.ts';

/** How many messages a further queue has for each of the first one. */
const SHARE_OF_FURTHER_QUEUES = 0.4;

/** What fills the queue. */
export interface Arrivals {
  /** So many more messages arrive, over this long. */
  more(count: number, overMs: number): void;
}

/** Fills the queue over time: messages of all keys, some sent twice, and bodies that no handler can deliver. */
export function planArrivals(world: World, queues: readonly Queue[]): Arrivals {
  const { time, faults, scenario } = world;
  const random = world.random.fork();
  let planned = 0;
  const arrive = (index: number, afterMs: (share: number) => number) => {
    const key = scenario.keys[random.below(scenario.keys.length)]!;
    const priority = drawPriority(random, scenario);
    const body = (payload: unknown) =>
      serializeMessage({ id: `m-${index}`, key, priority, payload, enqueuedAtMs: 0 });
    const queue = queues[0]!;
    // Another service numbers its messages from the same one on.
    for (const other of queues.slice(1))
      if (random.chance(SHARE_OF_FURTHER_QUEUES))
        time.after(afterMs(random.next()), () => other.send(body(null)));
    time.after(afterMs(random.next()), () => {
      if (faults.strikes('malformed-body')) return queue.send(hopeless(index, body)[random.below(3)]!);
      queue.send(body(null));
      if (faults.strikes('message-sent-twice'))
        time.after(random.between(0, 60_000), () => queue.send(body(null)));
    });
  };
  const more = (count: number, overMs: number) => {
    for (let left = count; left > 0; left--) arrive(planned++, (share) => share * overMs);
  };
  more(scenario.messages, scenario.arrivalsMs);
  if (scenario.rhythm) planRhythm(world, queues[0]!, scenario.rhythm, () => planned++);
  return { more };
}

/** New messages of each key after each of its pauses, and with some of them one of before, sent once more. */
function planRhythm(
  world: World,
  queue: Queue,
  { pausesMs, rounds, most }: Rhythm,
  next: () => number,
): void {
  const { time, faults, scenario } = world;
  const random = world.random.fork();
  faults.count('keys-used-in-a-rhythm');
  for (const [index, key] of scenario.keys.entries()) {
    const bodies: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const again = bodies[bodies.length - 1 - random.below(2 * most)];
      const priority = drawPriority(random, scenario);
      const fresh = Array.from({ length: 1 + random.below(most) }, () =>
        serializeMessage({ id: `m-${next()}`, key, priority, payload: null, enqueuedAtMs: 0 }),
      );
      bodies.push(...fresh);
      const sent = again !== undefined && random.chance(0.5) ? [...fresh, again] : fresh;
      time.after(round * pausesMs[index]!, () => {
        for (const body of sent) queue.send(body);
      });
    }
  }
}

function drawPriority(random: World['random'], { mix }: World['scenario']): Priority {
  const drawn = random.next();
  if (drawn < mix.high) return 'high';
  return drawn < mix.high + mix.medium ? 'medium' : 'low';
}

/** The payload that {@link payloadSchema} refuses. */
const REFUSED = 'refused by its schema';

function hopeless(index: number, body: (payload: unknown) => string): readonly string[] {
  return [`not JSON ${index}`, `{"v":2,"n":${index}}`, body(REFUSED)];
}

/** Takes every payload but one. */
export const payloadSchema = {
  '~standard': {
    version: 1,
    vendor: 'simulation',
    validate: (value: unknown) =>
      value === REFUSED ? { issues: [{ message: 'expected another payload' }] } : { value },
  },
} as const;
