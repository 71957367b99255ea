import type { SeededRandom } from '../engine/random.ts';

/**
 * What goes wrong by the roll of a die, with the highest rate that a seed may draw for it. Every request
 * can be refused, be carried out with its answer lost, or be slow.
 */
const highestRates = {
  // The queue and what fills it.
  'malformed-body': 0.05,
  'message-sent-twice': 0.05,
  'duplicate-delivery': 0.1,
  'twins-in-one-receive': 0.1,
  'redelivery-after-delete': 0.05,
  'receive-reply-lost': 0.1,
  'delete-lost': 0.1,
  'late-wake-up': 0.1,
  'park-refused': 0.2,
  'park-partly-refused': 0.2,
  'park-reply-lost': 0.2,
  'park-slow': 0.1,
  'dead-letter-refused': 0.5,
  'dead-letter-reply-lost': 0.3,
  // The limiter.
  'limiter-refused': 0.05,
  'limiter-reply-lost': 0.05,
  'limiter-slow': 0.05,
  'limiter-question-late': 0.05,
  'limiter-command-resent': 0.1,
  // The process that handles a batch.
  'crash-claimed': 0.02,
  'crash-before-arrival': 0.02,
  'crash-after-arrival': 0.02,
  'crash-after-record': 0.02,
  'freeze-before-arrival': 0.02,
  'freeze-after-arrival': 0.02,
  'short-deadline': 0.1,
  // The upstream.
  'upstream-429': 0.03,
  'upstream-5xx': 0.2,
  'upstream-refuses': 0.1,
  'upstream-reply-lost': 0.05,
  'slow-delivery': 0.2,
  'delivery-outlasts-lease': 0.02,
  'deaf-delivery': 0.02,
} as const;

/** What goes wrong for a while, a few times in a run. */
const episodes = [
  'limiter-outage',
  'limiter-clock-back',
  'limiter-clock-forward',
  'limiter-restart-empty',
  'limiter-restart-under-way',
  'limiter-failover',
  'limiter-silent-for-some-keys',
  'wall-clock-step',
  'consumers-down',
  'freeze',
] as const;

type RandomFault = keyof typeof highestRates;
export type Episode = (typeof episodes)[number];

/** What follows from other faults, or from the circumstances of a scenario. */
const others = [
  'function-timeout',
  'visibility-ran-out',
  'limiter-outage-beyond-a-window',
  'limiter-out-of-reach-of-some',
  'clock-moves-while-code-runs',
  'deployment-rolls-out',
  'deployment-cancelled',
  'deployments-side-by-side',
  'limits-by-message',
  'second-queue',
  'short-memory',
  'keys-used-in-a-rhythm',
  'queue-purged',
  'second-consumer',
  'received-too-often',
  'deleted-by-retention',
  'dead-letters-moved-back',
] as const;

export type Fault = RandomFault | Episode | (typeof others)[number];

/** Every fault that a run can meet. */
export const allFaults: readonly Fault[] = [
  ...(Object.keys(highestRates) as RandomFault[]),
  ...episodes,
  ...others,
];

/** The faults of one run. Each seed draws its own set and its own rates. */
export interface Faults {
  /** Whether this fault happens here and now; counts it. */
  strikes(fault: RandomFault): boolean;
  /** How often this run has this episode. */
  times(episode: Episode): number;
  /** Counts a fault that something else brought about. */
  count(fault: Fault): void;
  /** From now on nothing goes wrong. */
  end(): void;
  readonly counts: ReadonlyMap<Fault, number>;
}

/** A world where nothing goes wrong. */
export const noFaults: Faults = {
  strikes: () => false,
  times: () => 0,
  count: () => {},
  end: () => {},
  counts: new Map(),
};

/** A seed in eight is spared all faults: what holds among faults must hold without them, and exactly. */
export function drawFaults(random: SeededRandom): Faults {
  const spared = random.chance(1 / 8);
  const share = spared ? 0 : random.between(0.2, 0.8);
  const rates = new Map(
    Object.entries(highestRates).map(([fault, most]) => [
      fault,
      random.chance(share) ? most * random.next() ** 2 : 0,
    ]),
  );
  const repeats = new Map(
    episodes.map((episode) => [episode, random.chance(share) ? 1 + random.below(4) : 0]),
  );
  const counts = new Map<Fault, number>();
  const count = (fault: Fault) => void counts.set(fault, (counts.get(fault) ?? 0) + 1);
  let active = true;
  return {
    strikes(fault) {
      const struck = active && random.chance(rates.get(fault) ?? 0);
      if (struck) count(fault);
      return struck;
    },
    times: (episode) => repeats.get(episode) ?? 0,
    count,
    end() {
      active = false;
    },
    counts,
  };
}
