import {
  LimiterUnavailableError,
  type Admission,
  type AdmitRequest,
  type Limiter,
  type RenewRequest,
  type SettleRequest,
} from '@huntaze/rate-limiter-lambda';
import { ask, type Host, type Passage } from '../parts/host.ts';
import type { SeededRandom } from '../engine/random.ts';
import type { Question } from '../judges/silence-watch.ts';
import { identify } from '../parts/identity.ts';
import type { World } from './world.ts';

/** The limiter as a service: one for all processes, with a clock of its own. */
export interface LimiterService {
  admit(request: AdmitRequest, by: Caller): Promise<readonly Admission[]>;
  settle(request: SettleRequest, by: Host): Promise<readonly boolean[]>;
  renew(request: RenewRequest, by: Host): Promise<readonly boolean[]>;
  nowMs(): number;
  /** While it is down, every request is refused. */
  down: boolean;
  /** These processes do not reach it. */
  readonly outOfReachOf: Set<Host>;
  /** Nothing is heard of questions about these keys, as when one part of a cluster is away. */
  readonly silentKeys: Set<string>;
}

/** Who sends a command: the same `owner` when its connection sends it again. */
interface Caller {
  readonly host: Host;
  readonly owner: string;
  /** When, by the clock of the run. */
  readonly askedMs: number;
}

/** So long a handler waits for any answer, also of a limiter that was silent a moment ago. */
const SURELY_HEARD_MS = 200;

/** The limiter as one process reaches it. Instants are turned from the service's clock to the process's. */
export function limiterLink(world: World, host: Host, service: LimiterService): Limiter {
  const { time, faults, judge } = world;
  const random = world.random.fork();
  const { clock, claims } = host;
  let commands = 0;
  return {
    async admit(request) {
      const identities = request.candidates.map((one) => identify(request.key, one, host.queue));
      for (const identity of identities) judge.queue.asking(host, identity);
      const startedMs = clock.monotonicMs();
      const askedMs = clock.nowMs();
      const question = judge.alone.asks(host, request.key);
      const passage = drawPassage(world, host, service, { key: request.key, random });
      const by = { host, owner: `${host.name} ${commands++}`, askedMs: time.clock.monotonicMs() };
      const answer = ask(time, host, passage, async () => {
        const decided = { decidedMs: service.nowMs(), admissions: await service.admit(request, by) };
        const granted = decided.admissions.flatMap((one) => (one.kind === 'granted' ? [one.claim] : []));
        if (passage.lost || passage.silent || isSlow(passage))
          for (const claim of granted) judge.excuse({ ...request, claim });
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
      for (const one of translated)
        if (one.kind === 'granted') claims.set(identify(request.key, one.claim, host.queue), one.claim);
      // The handler may have given up: whether it hears this answer is its own affair.
      if (clock.monotonicMs() - startedMs >= SURELY_HEARD_MS) return translated;
      for (const [index, admission] of translated.entries())
        judge.queue.answered(host, request.key, identities[index]!, admission);
      return translated;
    },
    settle(request) {
      for (const settlement of request.settlements) {
        const name = identify(request.key, settlement, host.queue);
        if (claims.get(name)?.token !== settlement.token) continue;
        claims.delete(name);
        if (settlement.outcome === 'release' && settlement.holdMs > 0)
          judge.alone.givenBack(host, request.key, settlement.holdMs);
      }
      const passage = drawPassage(world, host, service, { key: request.key, random });
      if (passage.refused || passage.silent || isSlow(passage))
        for (const { token } of request.settlements) judge.excuse({ key: request.key, claim: { token } });
      return heard(judge.alone.asks(host, request.key), () =>
        ask(time, host, passage, async () => {
          const recorded = await service.settle(request, host);
          if (faults.strikes('crash-after-record')) host.kill();
          return recorded;
        }),
      );
    },
    async renew(request) {
      const passage = drawPassage(world, host, service, { key: request.key, random });
      // Slow enough, at times, to come when another process has taken over.
      const slowMs = passage.thereMs > ORDINARY_MS ? random.between(0, 2 * request.leaseMs) : 0;
      const slower = { ...passage, thereMs: passage.thereMs + slowMs };
      const taken = await heard(judge.alone.asks(host, request.key), () =>
        ask(time, host, slower, () => service.renew(request, host)),
      );
      for (const [index, claim] of request.claims.entries())
        if (!taken[index]) judge.heardLost({ ...claim, key: request.key }, host);
      return taken;
    },
  };
}

/** Tells what came of a call. */
async function heard<Answer>(question: Question, call: () => Promise<Answer>): Promise<Answer> {
  try {
    const answer = await call();
    question.answered();
    return answer;
  } catch (error) {
    question.refused();
    throw error;
  }
}

/** The longest that an ordinary request travels. */
const ORDINARY_MS = 15;

function isSlow({ thereMs, backMs }: Passage): boolean {
  return Math.max(thereMs, backMs) > ORDINARY_MS;
}

/** How often a question about a key that is silent is carried out, and only its answer is lost. */
const CARRIED_OUT_SHARE = 0.3;
/** How late a packet may come: later than anybody waits for its answer, by this many times. */
const LATEST_SHARE = 12;

const noAnswer = () => new LimiterUnavailableError('expected an answer in time, found none');

function drawPassage(
  { faults, scenario }: World,
  host: Host,
  { down, outOfReachOf, silentKeys }: LimiterService,
  { key, random }: { readonly key: string; readonly random: SeededRandom },
): Passage {
  const unreachable = down || outOfReachOf.has(host);
  const slow = faults.strikes('limiter-slow');
  const late = faults.strikes('limiter-question-late');
  return {
    thereMs:
      random.between(0.2, ORDINARY_MS) +
      (slow ? random.between(0, 4_000) : 0) +
      (late ? random.between(1, LATEST_SHARE) * scenario.timeoutMs : 0),
    backMs: random.between(0.2, ORDINARY_MS) + (slow ? random.between(0, 4_000) : 0),
    ...((unreachable || faults.strikes('limiter-refused')) && { refused: noAnswer() }),
    ...(faults.strikes('limiter-reply-lost') && { lost: noAnswer() }),
    ...(faults.strikes('limiter-command-resent') && { resentAfterMs: random.between(1, 500) }),
    ...(silentKeys.has(key) && { silent: random.chance(CARRIED_OUT_SHARE) ? 'carried-out' : 'vanished' }),
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
    case 'condemned':
    case 'settled':
      return admission;
  }
}
