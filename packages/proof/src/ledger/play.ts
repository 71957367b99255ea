import type { FakeClock } from '@huntaze/rate-limiter-client/testing';
import type { Admission, Claim, Limiter } from '@huntaze/rate-limiter-lambda';
import { seededRandom } from '../sim/engine/random.ts';
import type { History, Step } from './histories.ts';
import { openAgenda } from './agenda.ts';
import { drawDelivery } from './delivery.ts';
import type { Call, Ledger } from './ledger.ts';
import { mostToFinishMs } from './most-to-finish.ts';
import { termsOf, type Terms } from './terms.ts';

/** A message of the queue, as whoever polls it knows it. */
interface Queued {
  readonly name: string;
  readonly id: string;
  readonly queue: number;
  dueAtMs: number;
  /** Calls of it that were made or may have been, as the limiter has to know too. */
  attempts: number;
  /** Until when its claim excludes others. */
  leaseUntilMs: number;
  deliveredAtMs: number | undefined;
  /** Whether it was told last to wait until now. */
  toldNow: boolean;
}

export interface PlayedHistory extends Ledger {
  /** How long what was left took the first deployment, and what it may take at most. */
  readonly finish: { readonly tookMs: number; readonly mostMs: number };
}

const KEY = 'account-1';
const MOST_AT_ONCE = 100;
const RETRY_MS = 500;
/** Of what is unfinished so long is remembered, as long as a queue keeps a message at most. */
const UNFINISHED_MS = 14 * 24 * 3_600_000;
/** Longer than any lease. */
const AFTERWARDS_MS = 600_000;

/** Plays a history on a limiter, whose clock is moved, and writes down what the upstream sees. */
export async function playHistory(
  { seed, terms: drawn, rememberMs, steps }: History,
  limiter: Limiter,
  clock: FakeClock,
): Promise<PlayedHistory> {
  const random = seededRandom(seed);
  const allTerms = drawn.map((one) => termsOf(one));
  const calls: Call[] = [];
  const broken: string[] = [];
  const sent = [0, 0];
  /** When those were due that do not come back. */
  const vanished: number[] = [];
  const pending = new Map<string, Queued>();
  const delivered: Queued[] = [];
  const agenda = openAgenda(clock);
  let faultless = false;

  const expectGrant = (message: Queued, { attempt }: Claim) => {
    if (message.deliveredAtMs !== undefined) broken.push(`${message.name}: delivered again`);
    if (clock.nowMs() < message.leaseUntilMs) broken.push(`${message.name}: claimed twice`);
    const isRemembered = clock.nowMs() - message.leaseUntilMs < UNFINISHED_MS;
    if (isRemembered && attempt !== message.attempts + 1)
      broken.push(`${message.name}: attempt ${attempt} after ${message.attempts}`);
  };

  const deliver = (message: Queued, claim: Claim, terms: Terms) => {
    expectGrant(message, claim);
    message.attempts++;
    message.leaseUntilMs = clock.nowMs() + terms.leaseMs;
    const { tookMs, outcome } = drawDelivery(random, terms, faultless);
    agenda.plan(random.between(0, tookMs), () => {
      calls.push({ message: message.name, terms, token: claim.token, atMs: clock.nowMs() });
    });
    // The process is dead: SQS shows its message again when its claim is over.
    if (outcome === 'dies') return void (message.dueAtMs = message.leaseUntilMs);
    message.dueAtMs = Number.POSITIVE_INFINITY;
    agenda.plan(tookMs, async () => {
      const settlement =
        outcome === 'retry' ? { outcome, retryAfterMs: RETRY_MS } : { outcome: 'delivered' as const };
      const { id, token } = claim;
      const [taken] = await limiter.settle({
        key: KEY,
        queue: nameOf(message.queue),
        limits: terms.limits,
        marginMs: terms.marginMs,
        settlements: [{ id, token, ...settlement }],
      });
      if (!taken) broken.push(`${message.name}: its outcome was not taken`);
      message.leaseUntilMs = clock.nowMs();
      message.dueAtMs = clock.nowMs() + RETRY_MS;
      if (outcome === 'retry') return;
      message.deliveredAtMs = clock.nowMs();
      pending.delete(message.name);
      delivered.push(message);
    });
  };

  /** Once is in order: a claim that is taken over frees its old place within the question. */
  const waitUntil = (message: Queued, atMs: number) => {
    const isNow = atMs <= clock.nowMs();
    if (isNow && message.toldNow) broken.push(`${message.name}: told to wait for now, twice in a row`);
    message.toldNow = isNow;
    message.dueAtMs = Math.max(atMs, clock.nowMs() + 1);
  };

  const hear = (message: Queued, admission: Admission, terms: Terms) => {
    const { name, deliveredAtMs } = message;
    switch (admission.kind) {
      case 'granted':
        return deliver(message, admission.claim, terms);
      case 'wait':
        return waitUntil(message, admission.dueAtMs);
      case 'busy':
        return waitUntil(message, admission.retryAtMs);
      default:
        if (deliveredAtMs === undefined) broken.push(`${name}: ${admission.kind}, but was never delivered`);
    }
  };

  const ask = async (messages: readonly Queued[], queue: number, terms: Terms) => {
    if (messages.length === 0) return;
    const admissions = await limiter.admit({
      key: KEY,
      queue: nameOf(queue),
      limits: terms.limits,
      marginMs: terms.marginMs,
      leaseMs: terms.leaseMs,
      candidates: messages.map(({ id }) => ({ id, priority: 'medium' })),
    });
    for (const [index, message] of messages.entries()) {
      hear(message, admissions[index]!, terms);
    }
  };
  const askForDue = async (queue: number, terms: Terms) => {
    const due = [...pending.values()].filter((one) => one.queue === queue && one.dueAtMs <= clock.nowMs());
    await ask(due.slice(0, MOST_AT_ONCE), queue, terms);
  };

  const take = async (step: Step) => {
    switch (step.kind) {
      case 'send':
        for (let count = 0; count < step.count; count++) {
          const message = newMessage(step.queue, sent[step.queue]!++, clock.nowMs());
          pending.set(message.name, message);
        }
        return;
      case 'ask':
        return await askForDue(step.queue, allTerms[step.terms % allTerms.length]!);
      case 'copies': {
        const remembered = delivered.filter(
          ({ queue, deliveredAtMs }) => queue === step.queue && clock.nowMs() - deliveredAtMs! < rememberMs,
        );
        return await ask(remembered.slice(-10), step.queue, allTerms[step.terms % allTerms.length]!);
      }
      case 'vanish':
        for (const { name, dueAtMs } of pending.values()) {
          if (!Number.isFinite(dueAtMs) || !random.chance(step.share)) continue;
          pending.delete(name);
          vanished.push(dueAtMs);
        }
        return;
      case 'pass':
        return await agenda.pass(step.ms);
    }
  };

  for (const step of steps) await take(step);

  const [terms] = allTerms as [Terms];
  const startedMs = clock.nowMs();
  const mostMs = mostToFinishMs({ nowMs: startedMs, allTerms, pending: [...pending.values()], vanished });
  const tookMs = async () => {
    while (pending.size > 0 && clock.nowMs() - startedMs < 2 * mostMs) {
      for (const queue of [0, 1]) await askForDue(queue, terms);
      const dueAtMs = Math.min(...[...pending.values()].map((one) => one.dueAtMs));
      await agenda.pass(Math.max(1, Math.min(dueAtMs, agenda.nextAtMs) - clock.nowMs()));
    }
    return clock.nowMs() - startedMs;
  };
  // What is left, the first deployment works off, and nothing goes wrong any more.
  faultless = true;
  const finish = { tookMs: await tookMs(), mostMs };
  // Calls of processes that are dead still arrive.
  await agenda.pass(AFTERWARDS_MS);
  return { calls, broken, finish };
}

function newMessage(queue: number, number: number, nowMs: number): Queued {
  const id = `m-${number}`;
  const fresh = { attempts: 0, leaseUntilMs: 0, deliveredAtMs: undefined, toldNow: false };
  return { name: `${nameOf(queue)} ${id}`, id, queue, dueAtMs: nowMs, ...fresh };
}

const nameOf = (queue: number) => `queue-${queue}`;
