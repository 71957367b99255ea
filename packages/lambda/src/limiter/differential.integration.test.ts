import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { priorities } from '@huntaze/rate-limiter-client/contract';
import { redisForTests } from '@huntaze/testkit';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { DAY_MS, history, keys, type History, type Step } from './histories.fixture.ts';
import type { Admission, Claim, Claimed, Limiter, Settlement } from './limiter.ts';
import type { LimiterOperations } from './operations.ts';
import { memoryLimiter } from './memory/memory-limiter.ts';
import { redisLimiter } from './redis/redis-limiter.ts';

const { redis, prefix } = await redisForTests();
let histories = 0;

const DEEP_RUNS = 10_000;
const RUNS = 500;

it('both limiters give the same answers to the same history', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, async (drawn) => {
      const clock = fakeClock();
      const { coldStart, rememberMs } = drawn;
      const expected = await play(() => memoryLimiter({ clock, coldStart, rememberMs }), drawn, clock);
      const replayClock = fakeClock();
      let keyPrefix = '';
      // Keys expire by the real clock of Redis: what passes of it counts towards the time of the history.
      let agedAtMs = Date.now();
      const age = async (ms: number) => {
        const passedMs = Date.now() - agedAtMs;
        agedAtMs += passedMs;
        await shortenLives(keyPrefix, ms - passedMs);
      };
      const shared = () =>
        redisLimiter({
          redis,
          prefix: (keyPrefix = `${prefix}${histories++}`),
          clock: replayClock,
          serverClock: replayClock,
          coldStart,
          rememberMs,
        });
      expect(await play(shared, drawn, replayClock, age)).toEqual(expected);
    }),
    { numRuns: process.env['DEEP'] ? DEEP_RUNS : RUNS, endOnFailure: false },
  );
});

/** Lets Redis's own clock, by which keys expire, follow the one of the history. What is known of the server stays. */
async function shortenLives(keyPrefix: string, ms: number): Promise<void> {
  for (const name of await redis.keys(`${keyPrefix}:{0}:account-*`)) {
    const leftMs = (await redis.pttl(name)) - ms;
    await (leftMs > 0 ? redis.pexpire(name, leftMs) : redis.del(name));
  }
}

/** Runs a history against a limiter and writes down every answer. `open` gives one that knows nothing. */
async function play(
  open: () => Limiter & LimiterOperations,
  { terms, agingMs, costs, steps }: History,
  clock: FakeClock,
  aged: (ms: number) => Promise<void> = async () => undefined,
) {
  const claims: (Claim & { readonly cost: number })[] = [];
  const answers: unknown[] = [];
  const askedAtMs = new Map<string, number>();
  /** Keys that were silent for a day: how finely their past is known may be forgotten, and due times depend on it. */
  const returned = new Set<string>();
  /** Others may be forgotten, a little sooner in one limiter than in the other. */
  const isFresh = (key: string) => clock.nowMs() - (askedAtMs.get(key) ?? 0) < DAY_MS;
  let limiter = open();
  for (const step of steps) {
    switch (step.kind) {
      case 'admit': {
        if (askedAtMs.has(step.key) && !isFresh(step.key)) returned.add(step.key);
        askedAtMs.set(step.key, clock.nowMs());
        const candidates = step.ids.map((id) => ({
          id: `m-${id}`,
          priority: priorities[id % priorities.length]!,
          cost: costs[id % costs.length]!,
        }));
        const admissions = await limiter.admit({
          key: step.key,
          ...terms[step.terms % terms.length]!,
          agingMs,
          candidates,
          leaseMs: step.leaseMs,
        });
        for (const [index, admission] of admissions.entries()) {
          const { cost } = candidates[index]!;
          if (admission.kind === 'granted') claims.push({ ...admission.claim, cost });
        }
        answers.push(returned.has(step.key) ? kindsOf(admissions) : withoutFirstTicket(admissions));
        break;
      }
      case 'settle': {
        const claim = claims[step.claim % Math.max(1, claims.length)];
        if (claim && isFresh(claim.key))
          answers.push(
            await limiter.settle({
              key: claim.key,
              ...terms[step.terms % terms.length]!,
              settlements: [settlement(claim, step)],
            }),
          );
        break;
      }
      case 'renew': {
        const claim = claims[step.claim % Math.max(1, claims.length)];
        const { leaseMs } = step;
        if (claim && isFresh(claim.key))
          answers.push(await limiter.renew({ key: claim.key, claims: [claim], leaseMs }));
        break;
      }
      case 'operate': {
        const answer = await operate(limiter, step);
        answers.push(isFresh(step.key) || step.operation !== 'inspect' ? answer : 'of a day ago');
        break;
      }
      case 'advance':
        await clock.advance(step.ms);
        await aged(step.ms);
        // What has expired by then does not come back when the clock is set back.
        for (const key of keys) await limiter.inspect(key);
        break;
      case 'stepBack':
        clock.step(-step.ms);
        await aged(-step.ms);
        break;
      case 'forget':
        limiter = open();
        break;
    }
  }
  return answers;
}

async function operate(
  limiter: LimiterOperations,
  { operation, key, id }: Extract<Step, { kind: 'operate' }>,
): Promise<unknown> {
  return operation === 'find' || operation === 'cancel'
    ? await limiter[operation](key, `m-${id}`)
    : await limiter[operation](key);
}

const kindsOf = (admissions: readonly Admission[]) => admissions.map(({ kind }) => kind);

/**
 * Tokens as their distance to the least: a lease that ended while its key was forgotten takes tickets in one limiter and
 * not in the other.
 */
function withoutFirstTicket(admissions: readonly Admission[]): readonly unknown[] {
  const tokens = admissions.flatMap((one) => (one.kind === 'granted' ? [one.claim.token] : []));
  return admissions.map((one) =>
    one.kind === 'granted'
      ? { ...one, claim: { ...one.claim, token: one.claim.token - Math.min(...tokens) } }
      : one,
  );
}

function settlement(
  { id, token, cost }: Claimed & { readonly cost: number },
  { outcome, delayMs }: Extract<Step, { kind: 'settle' }>,
): Settlement {
  switch (outcome) {
    case 'retry':
      return { id, token, cost, outcome, retryAfterMs: delayMs };
    case 'release':
      return { id, token, cost, outcome, holdMs: delayMs };
    case 'condemned':
      return {
        id,
        token,
        cost,
        outcome,
        verdict: { reason: `a: b ${delayMs}`, errorName: 'Ü', attempts: 3 },
      };
    default:
      return { id, token, cost, outcome };
  }
}
