import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Claim } from '@huntaze/rate-limiter-lambda';
import type { Clocks } from '../scenario/circumstances.ts';
import type { Deployment } from '../scenario/deployments.ts';
import type { SeededRandom } from '../engine/random.ts';
import { sleepBy, type VirtualTime } from '../engine/virtual-time.ts';

/** A process. Whatever reaches it, an answer or the end of a sleep, comes through `enter`. */
export interface Host {
  readonly name: string;
  /** Whose messages it handles. */
  readonly queue: string;
  readonly deployment: Deployment;
  readonly clock: Clock;
  /** The claims it was granted, by message. */
  readonly claims: Map<string, Claim>;
  readonly alive: boolean;
  /** Whether it ever stood still: a call it makes afterwards may be late. */
  readonly wasFrozen: boolean;
  /** Runs something in this process: now, when it thaws, or never. */
  enter(run: () => void): void;
  /** Ends it at once: no code of it runs any more, what it has sent travels on. */
  kill(): void;
  /** Stops it for a while; its clocks go on. */
  freeze(forMs: number): void;
  /** Sets its wall clock. */
  stepClock(byMs: number): void;
}

/** What a process starts with. */
export interface HostOptions {
  readonly name: string;
  readonly queue: string;
  readonly deployment: Deployment;
  readonly clocks: Clocks | undefined;
  readonly random: SeededRandom;
  readonly onDeath: () => void;
}

export function startHost(
  time: VirtualTime,
  { name, queue, deployment, clocks, random, onDeath }: HostOptions,
): Host {
  const startedMs = time.clock.monotonicMs();
  let state: 'running' | 'frozen' | 'dead' = 'running';
  let wasFrozen = false;
  let wallOffsetMs = 0;
  let waiting: (() => void)[] = [];

  const enter = (run: () => void) => {
    if (state === 'running') run();
    else if (state === 'frozen') waiting.push(run);
  };
  const thaw = () => {
    if (state !== 'frozen') return;
    state = 'running';
    const woken = waiting;
    waiting = [];
    for (const run of woken) time.after(0, () => enter(run));
  };
  /** Reading a clock takes time. */
  const reading = () => {
    if (clocks) time.pass(random.between(0, 2 * clocks.readMs));
  };
  const erring = (ms: number) => {
    if (!clocks) return ms;
    return Math.max(0, random.chance(0.5) ? ms - upTo(clocks.earlyMs) : ms + upTo(clocks.lateMs));
  };
  /** More often a little than much: what is short decides as much as what is long. */
  const upTo = (mostMs: number) => mostMs * 10 ** random.between(-4, 0);
  return {
    name,
    queue,
    deployment,
    claims: new Map(),
    clock: {
      nowMs() {
        reading();
        return time.clock.nowMs() + wallOffsetMs;
      },
      monotonicMs() {
        reading();
        return time.clock.monotonicMs() - startedMs;
      },
      sleep: (ms, signal) => sleepBy((forMs, run) => time.after(erring(forMs), () => enter(run)), ms, signal),
    },
    get alive() {
      return state !== 'dead';
    },
    get wasFrozen() {
      return wasFrozen;
    },
    enter,
    kill() {
      if (state === 'dead') return;
      state = 'dead';
      waiting = [];
      onDeath();
    },
    freeze(forMs) {
      if (state !== 'running') return;
      state = 'frozen';
      wasFrozen = true;
      time.after(forMs, thaw);
    },
    stepClock(byMs) {
      wallOffsetMs += byMs;
    },
  };
}

/** How a request fares: refused on arrival, or carried out, with its answer lost or not. */
export interface Passage {
  readonly thereMs: number;
  readonly backMs: number;
  /** The first answer is lost, and the connection sends the same command again after this long. */
  readonly resentAfterMs?: number;
  readonly refused?: Error;
  readonly lost?: Error;
  /** Nothing is heard of it: it is carried out on arrival, or never. */
  readonly silent?: 'carried-out' | 'vanished';
}

/** One request of a process to a service. It travels on when the process dies; the answer then reaches nobody. */
export function ask<Answer>(
  time: VirtualTime,
  host: Host,
  { thereMs, backMs, resentAfterMs, refused, lost, silent }: Passage,
  carryOut: () => Answer | Promise<Answer>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (!host.alive) return;
    const answer = (run: () => void) => void time.after(backMs, () => host.enter(run));
    const arrive = () => {
      if (silent) return void (silent === 'carried-out' && carryOut());
      if (refused) return answer(() => reject(refused));
      void Promise.resolve(carryOut()).then((result) =>
        answer(() => (lost ? reject(lost) : resolve(result))),
      );
    };
    time.after(thereMs, () => {
      if (refused || resentAfterMs === undefined) return arrive();
      void carryOut();
      // Only a process that is alive sends anything again.
      time.after(resentAfterMs, () => host.enter(arrive));
    });
  });
}
