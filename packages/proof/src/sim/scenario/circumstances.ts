import type { Limit } from '@huntaze/rate-limiter-lambda';
import type { SeededRandom } from '../engine/random.ts';
import { drawDeployments, ONE_DEPLOYMENT, type Deployment, type Deployments } from './deployments.ts';
import { drawRhythm, type Rhythm } from './rhythm.ts';
import type { ScenarioTerms } from './terms.ts';

const HOUR_MS = 3_600_000;

/** How the clock of a process moves while code runs, and how its timers err. Milliseconds. */
export interface Clocks {
  /** Every reading takes up to twice this long. */
  readonly readMs: number;
  /** A timer fires up to so much before its time. */
  readonly earlyMs: number;
  /** And up to so much after it. */
  readonly lateMs: number;
}

/** What people and other programs do to the queue while it is in use. */
export interface Operators {
  /** How often the queue is purged, and new messages come afterwards. */
  readonly purges: number;
  /** How often another consumer receives and deletes for a while. */
  readonly thefts: number;
  /** After how many receives SQS moves a message to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** How often the dead letters are moved back to the queue (StartMessageMoveTask). */
  readonly redrives: number;
}

const NO_OPERATORS: Operators = {
  purges: 0,
  thefts: 0,
  maxReceiveCount: Number.POSITIVE_INFINITY,
  redrives: 0,
};

/** What is unusual about a world, beside its faults: few seeds have each of these. */
export interface Circumstances extends Deployments, Operators {
  /** Undefined: no time passes while code runs, and every timer is exact. */
  readonly clocks: Clocks | undefined;
  /** How long the limiter remembers what is finished. */
  readonly rememberMs: number;
  /** In which rhythm keys are used; undefined: once, with all messages of the run. */
  readonly rhythm: Rhythm | undefined;
  /** Whether a second queue leads to the same upstream, with messages of the same keys and ids. */
  readonly secondQueue: boolean;
}

/** A world where nothing is unusual. */
export const USUAL: Circumstances = {
  ...ONE_DEPLOYMENT,
  ...NO_OPERATORS,
  clocks: undefined,
  secondQueue: false,
  rememberMs: 24 * HOUR_MS,
  rhythm: undefined,
};

/** What circumstances depend on. */
interface Plain extends Deployment, ScenarioTerms {
  readonly localShare: number | undefined;
}

/** Each is drawn from a generator of its own, so that one more shifts none of the others. */
export function drawCircumstances(
  random: SeededRandom,
  plain: Plain,
  drawLimits: (random: SeededRandom) => readonly Limit[],
): Circumstances {
  const kind = (probability: number) => {
    const own = random.fork();
    return own.chance(probability) ? own : undefined;
  };
  const clocks = kind(0.2);
  const deployments = kind(0.2);
  const purges = kind(0.1);
  const thefts = kind(0.1);
  const policy = kind(0.12);
  const redrives = kind(0.12);
  const second = kind(0.12);
  const memory = kind(0.12);
  const rhythm = kind(0.12);
  const rememberMs =
    memory && plain.localShare === undefined ? Math.round(10 ** memory.between(3, 6.5)) : USUAL.rememberMs;
  return {
    clocks: clocks && drawClocks(clocks),
    // The judge of processes alone knows one deployment.
    ...(deployments && plain.localShare === undefined
      ? drawDeployments(deployments, plain, () => drawLimits(deployments))
      : ONE_DEPLOYMENT),
    purges: purges ? 1 + purges.below(2) : 0,
    thefts: thefts ? 1 + thefts.below(2) : 0,
    maxReceiveCount: policy ? 3 + policy.below(15) : NO_OPERATORS.maxReceiveCount,
    secondQueue: second !== undefined && plain.localShare === undefined,
    rememberMs,
    rhythm: rhythm && plain.localShare === undefined ? drawRhythm(rhythm, plain, rememberMs) : undefined,
    redrives: redrives ? 1 + redrives.below(3) : 0,
  };
}

/** What is unusual about a world, in words. */
export function unusual(scenario: Circumstances): readonly string[] {
  const names = Object.keys(USUAL) as (keyof Circumstances)[];
  return names.filter((name) => JSON.stringify(scenario[name]) !== JSON.stringify(USUAL[name]));
}

/** A reading takes a microsecond or so, a busy event loop a millisecond; timers are as far off. */
function drawClocks(random: SeededRandom): Clocks {
  return {
    readMs: 10 ** random.between(-3, -0.3),
    earlyMs: 10 ** random.between(-3, 0),
    lateMs: 10 ** random.between(-2, 1.5),
  };
}
