import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Limiter, LimiterOperations } from '@huntaze/rate-limiter-lambda';
import { judgedLimiter } from './judged-limiter.ts';
import type { LimiterService } from './limiter-link.ts';
import { recognising } from './owners.ts';
import type { Safeguards } from '../parts/safeguards.ts';
import { identify, type Named } from '../parts/identity.ts';
import type { World } from './world.ts';

/** The limiter as Redis is one: it can be set, killed and replaced. */
export interface LimiterServer extends LimiterService {
  /** Sets its clock, forward or back. */
  stepClock(byMs: number): void;
  /** Ends it and starts another one that knows nothing. */
  restart(): void;
  /** Puts in its place a replica that has missed the last `lagMs`, and of what was before knows only what is final. */
  failOver(lagMs: number): void;
}

/** All queues of a world lead to it. */
const UPSTREAM = 'upstream';

interface Final extends Named {
  readonly key: string;
  readonly queue: string;
  /** The queue as the handler names it. */
  readonly named: string | undefined;
  readonly atMs: number;
}

/**
 * The limiter that all processes share, before the eyes of the judge. It decides as the memory limiter does, which
 * is the specification; what only a server has is added here: a memory that can be lost, a clock that can be set, and
 * commands that arrive twice.
 */
export function startLimiter(world: World, safeguards: Safeguards): LimiterServer {
  const { time, judge, scenario } = world;
  const { rememberMs } = scenario;
  let offsetMs = 0;
  let finals = new Map<string, Final>();
  const stepping: Clock = { ...time.clock, nowMs: () => time.clock.nowMs() + offsetMs };
  const clock = safeguards.limiterClock(stepping);
  let memory = safeguards.open({ upstream: UPSTREAM, clock, rememberMs });
  const current: Limiter = {
    admit: (request) => memory.admit(request),
    settle: (request) => memory.settle(request),
    renew: (request) => memory.renew(request),
  };
  const judged = judgedLimiter(world, safeguards.limiter(current, time.clock), clock, safeguards.order);
  const owners = recognising(clock);

  const replace = async (known: readonly Final[]) => {
    judge.forgotten(known.map((one) => identify(one.key, one, one.queue)));
    owners.forget();
    finals = new Map(known.map((one) => [identify(one.key, one, one.queue), one]));
    memory = safeguards.open({ upstream: UPSTREAM, clock, rememberMs, coldStart: safeguards.coldStart });
    await remember(memory, known);
  };
  return {
    async admit(request, { owner, host, askedMs }) {
      const isLate = time.clock.monotonicMs() - askedMs > scenario.timeoutMs;
      if (isLate && safeguards.lateQuestion === 'a jump of the clock')
        memory = safeguards.open({ upstream: UPSTREAM, clock, rememberMs, coldStart: 'empty' });
      const admissions = await owners.admit(request, safeguards.owner(owner), (rest) =>
        judged.admit(rest, host),
      );
      // What is admitted again was forgotten: no replica knows it to be final.
      for (const admission of admissions)
        if (admission.kind === 'granted') finals.delete(identify(request.key, admission.claim, host.queue));
      return admissions;
    },
    async settle(request, host) {
      const taken = await owners.settle(request, (one) => judged.settle(one, host));
      for (const [index, { outcome, ...named }] of request.settlements.entries()) {
        const isFinal = outcome === 'delivered' || outcome === 'dead';
        const { key, queue: name } = request;
        const final = { ...named, key, queue: host.queue, named: name, atMs: time.clock.nowMs() };
        if (taken[index] && isFinal) finals.set(identify(key, named, host.queue), final);
      }
      return taken;
    },
    renew: (request, host) => judged.renew(request, host),
    nowMs: () => clock.nowMs(),
    down: false,
    outOfReachOf: new Set(),
    silentKeys: new Set(),
    stepClock(byMs) {
      offsetMs += byMs;
      if (byMs > 0) judge.clockJumped(byMs);
      else judge.clockSteppedBack();
    },
    restart: () => void replace([]),
    failOver(lagMs) {
      const nowMs = time.clock.nowMs();
      const isKnown = ({ atMs }: Final) => atMs <= nowMs - lagMs && nowMs - atMs < rememberMs;
      void replace([...finals.values()].filter(isKnown));
    },
  };
}

/** A message that is cancelled is final. */
async function remember(memory: LimiterOperations, known: readonly Final[]): Promise<void> {
  for (const { key, id, life, named } of known) await memory.cancel(key, id, { queueUrl: named, life });
}
