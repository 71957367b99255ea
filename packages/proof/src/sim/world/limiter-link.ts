import {
  LimiterUnavailableError,
  type Admission,
  type AdmitRequest,
  type Claim,
  type Limiter,
} from '@huntaze/rate-limiter-lambda';
import { ask, type Host, type Passage } from './host.ts';
import type { SeededRandom } from '../engine/random.ts';
import type { World } from './world.ts';

/** The limiter as a service: one for all processes, with a clock of its own. */
export interface LimiterService extends Pick<Limiter, 'settle' | 'renew'> {
  admit(request: AdmitRequest, by: Caller): Promise<readonly Admission[]>;
  nowMs(): number;
  /** While it is down, every request is refused. */
  down: boolean;
  /** These processes do not reach it. */
  readonly outOfReachOf: Set<Host>;
}

/** Who sends a command: the same `owner` when its connection sends it again. */
interface Caller {
  readonly host: Host;
  readonly owner: string;
}

/** The limiter as one process reaches it. Instants are turned from the service's clock to the process's. */
export function limiterLink(world: World, host: Host, service: LimiterService): Limiter {
  const { time, faults, judge } = world;
  const random = world.random.fork();
  const { clock, claims } = host;
  let commands = 0;
  return {
    async admit(request) {
      const identities = request.candidates.map(({ id }) => nameOf({ key: request.key, id }));
      for (const identity of identities) judge.queue.asking(host, identity);
      const startedMs = clock.monotonicMs();
      const askedMs = clock.nowMs();
      const question = judge.alone.asks(host, request.key);
      const passage = drawPassage(world, host, service, random);
      const by = { host, owner: `${host.name} ${commands++}` };
      const answer = ask(time, host, passage, async () => {
        const decided = { decidedMs: service.nowMs(), admissions: await service.admit(request, by) };
        const granted = decided.admissions.flatMap((one) => (one.kind === 'granted' ? [one.claim] : []));
        if (passage.lost || isSlow(passage)) for (const claim of granted) judge.excuse({ ...request, claim });
        if (granted.length > 0 && faults.strikes('crash-claimed')) host.kill();
        return decided;
      });
      const { decidedMs, admissions } = await answer.catch((error: unknown) => {
        question.refused();
        throw error;
      });
      question.answered();
      const answeredMs = clock.nowMs();
      const translated = admissions.map((one) => translate(one, decidedMs, askedMs, answeredMs));
      for (const one of translated) if (one.kind === 'granted') claims.set(nameOf(one.claim), one.claim);
      // The handler has given up: it does not hear this answer.
      if (clock.monotonicMs() - startedMs >= world.scenario.timeoutMs) return translated;
      for (const [index, admission] of translated.entries())
        judge.queue.answered(host, request.key, identities[index]!, admission);
      return translated;
    },
    settle(request) {
      for (const settlement of request.settlements) {
        const name = nameOf({ key: request.key, id: settlement.id });
        if (claims.get(name)?.token !== settlement.token) continue;
        claims.delete(name);
        if (settlement.outcome === 'release' && settlement.holdMs > 0)
          judge.alone.givenBack(host, request.key, settlement.holdMs);
      }
      const passage = drawPassage(world, host, service, random);
      if (passage.refused || isSlow(passage))
        for (const { token } of request.settlements) judge.excuse({ key: request.key, claim: { token } });
      return ask(time, host, passage, async () => {
        const recorded = await service.settle(request);
        if (faults.strikes('crash-after-record')) host.kill();
        return recorded;
      });
    },
    async renew(request) {
      const passage = drawPassage(world, host, service, random);
      // Slow enough, at times, to come when another process has taken over.
      const slowMs = passage.thereMs > ORDINARY_MS ? random.between(0, 2 * request.leaseMs) : 0;
      const slower = { ...passage, thereMs: passage.thereMs + slowMs };
      const taken = await ask(time, host, slower, () => service.renew(request));
      for (const [index, { id, token }] of request.claims.entries())
        if (!taken[index]) judge.heardLost({ key: request.key, id, token });
      return taken;
    },
  };
}

/** The longest that an ordinary request travels. */
const ORDINARY_MS = 15;

function isSlow({ thereMs, backMs }: Passage): boolean {
  return Math.max(thereMs, backMs) > ORDINARY_MS;
}

function nameOf({ key, id }: Pick<Claim, 'key' | 'id'>): string {
  return `${key} ${id}`;
}

function drawPassage(
  { faults }: World,
  host: Host,
  { down, outOfReachOf }: LimiterService,
  random: SeededRandom,
): Passage {
  const unreachable = down || outOfReachOf.has(host);
  const slow = faults.strikes('limiter-slow');
  const timesOut = new LimiterUnavailableError('expected an answer in time, found none');
  return {
    thereMs: random.between(0.2, ORDINARY_MS) + (slow ? random.between(0, 4_000) : 0),
    backMs: random.between(0.2, ORDINARY_MS) + (slow ? random.between(0, 4_000) : 0),
    ...((unreachable || faults.strikes('limiter-refused')) && { refused: timesOut }),
    ...(faults.strikes('limiter-reply-lost') && { lost: timesOut }),
    ...(faults.strikes('limiter-command-resent') && { resentAfterMs: random.between(1, 500) }),
  };
}

function translate(admission: Admission, decidedMs: number, askedMs: number, answeredMs: number): Admission {
  switch (admission.kind) {
    case 'granted': {
      const leaseUntilMs = askedMs + Math.floor(admission.claim.leaseUntilMs - decidedMs);
      return { kind: 'granted', claim: { ...admission.claim, leaseUntilMs } };
    }
    case 'wait':
      return { ...admission, dueAtMs: answeredMs + Math.ceil(admission.dueAtMs - decidedMs) };
    case 'busy':
      return { kind: 'busy', retryAtMs: answeredMs + Math.ceil(admission.retryAtMs - decidedMs) };
    case 'settled':
      return admission;
  }
}
