import type { Faults } from './faults.ts';
import type { Judge } from '../judges/judge.ts';
import type { SeededRandom } from '../engine/random.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Trace } from '../engine/trace.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';

/** How long a call may be on its way to the upstream for now, beside what it always takes. */
export interface UpstreamPace {
  slowMs: number;
  /** Until then, by the clock of the run, nothing gets through. */
  stalledUntilMs: number;
}

/** What all parts of a run share. Each part takes its own fork of `random`. */
export interface World {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly faults: Faults;
  readonly scenario: Scenario;
  readonly judge: Judge;
  readonly upstream: UpstreamPace;
}
