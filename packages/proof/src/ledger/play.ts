import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Admission, Claim, Limiter } from '@huntaze/rate-limiter-lambda';
import { seededRandom, type SeededRandom } from '../sim/engine/random.ts';
import type { History, Step } from './histories.ts';
import type { Call, Ledger } from './ledger.ts';
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

/** Something that a process does later. */
interface Planned {
  readonly atMs: number;
  run(): Promise<void> | void;
}

export interface PlayedHistory extends Ledger {
  /** How long what was left took the first deployment, and what it may take at most. */
  readonly finish: { readonly tookMs: number; readonly mostMs: number };
}

const KEY = 'account-1';
const MOST_AT_ONCE = 100;
/** Part of the deliveries that take longer than their margin, whose process dies, that fail. */
const SLOW_SHARE = 0.1;
const DEAD_SHARE = 0.05;
const FAILED_SHARE = 0.05;
const RETRY_MS = 500;
/** Of what is unfinished so long is remembered, as long as a queue keeps a message at most. */
const UNFINISHED_MS = 14 * 24 * 3_600_000;
/** A place that nobody comes for is given up after so long, and a line whose head does not come. */
const GRACE_MS = 60_000;

/** Plays a history on a limiter, whose clock is moved, and writes down what the upstream sees. */
export async function playHistory(
  { seed, terms: drawn, rememberMs, steps }: History,
  limiter: Limiter,
  clock: Clock & { advance(ms: number): Promise<void> },
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
  let planned: Planned[] = [];
  let faultless = false;

  /** Lets time pass, with all that is planned meanwhile. */
  const pass = async (ms: number) => {
    const untilMs = clock.nowMs() + ms;
    for (;;) {
      const next = planned.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      await clock.advance(Math.max(0, (next?.atMs ?? untilMs) - clock.nowMs()));
      if (!next) return;
      planned = planned.filter((one) => one !== next);
      await next.run();
    }
  };
  const plan = (inMs: number, run: Planned['run']) => void planned.push({ atMs: clock.nowMs() + inMs, run });

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
    plan(random.between(0, tookMs), () => {
      calls.push({ message: message.name, terms, token: claim.token, atMs: clock.nowMs() });
    });
    // The process is dead: SQS shows its message again when its claim is over.
    if (outcome === 'dies') return void (message.dueAtMs = message.leaseUntilMs);
    message.dueAtMs = Number.POSITIVE_INFINITY;
    plan(tookMs, async () => {
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
        return await pass(step.ms);
    }
  };

  for (const step of steps) await take(step);

  // What is left, the first deployment works off, and nothing goes wrong any more.
  faultless = true;
  const [terms] = allTerms as [Terms];
  const startedMs = clock.nowMs();
  const asleepMs = Math.max(0, ...[...pending.values()].map(({ dueAtMs }) => finite(dueAtMs) - startedMs));
  // Who asks before those are missed is told to come after them.
  const unmissed = vanished.filter((dueAtMs) => dueAtMs > startedMs - GRACE_MS).length;
  const longestLeaseMs = Math.max(...allTerms.map(({ leaseMs }) => leaseMs));
  // While one of them sleeps, a place is kept for it for a while each time.
  const keptMs = unmissed > 0 ? GRACE_MS : 0;
  const mostMs = asleepMs + longestLeaseMs + longestMs(terms, pending.size + unmissed, keptMs);
  while (pending.size > 0 && clock.nowMs() - startedMs < 2 * mostMs) {
    for (const queue of [0, 1]) await askForDue(queue, terms);
    const instants = [
      ...[...pending.values()].map(({ dueAtMs }) => dueAtMs),
      ...planned.map(({ atMs }) => atMs),
    ];
    await pass(Math.max(1, Math.min(...instants) - clock.nowMs()));
  }
  const tookMs = clock.nowMs() - startedMs;
  await pass(10 * GRACE_MS);
  return {
    calls,
    broken,
    finish: { tookMs, mostMs },
  };
}

/** What so many messages may take: the rate of the slowest window, a window for what is in it, and the wait for who vanished. */
function longestMs({ windows, marginMs }: Terms, messages: number, keptMs: number): number {
  const each = windows.map(
    ({ limit, windowMs }) => (Math.ceil(messages / limit) + 1) * (windowMs + marginMs + keptMs),
  );
  return Math.max(...each) + 2 * GRACE_MS;
}

function drawDelivery(random: SeededRandom, { marginMs, leaseMs }: Terms, faultless: boolean) {
  const isSlow = !faultless && random.chance(SLOW_SHARE);
  const tookMs = isSlow
    ? random.between(0, 0.9 * leaseMs)
    : random.between(0, Math.min(marginMs, 0.9 * leaseMs));
  if (!faultless && random.chance(DEAD_SHARE)) return { tookMs, outcome: 'dies' as const };
  if (!faultless && random.chance(FAILED_SHARE)) return { tookMs, outcome: 'retry' as const };
  return { tookMs, outcome: 'delivered' as const };
}

function newMessage(queue: number, number: number, nowMs: number): Queued {
  const id = `m-${number}`;
  const fresh = { attempts: 0, leaseUntilMs: 0, deliveredAtMs: undefined, toldNow: false };
  return { name: `${nameOf(queue)} ${id}`, id, queue, dueAtMs: nowMs, ...fresh };
}

const nameOf = (queue: number) => `queue-${queue}`;
const finite = (ms: number) => (Number.isFinite(ms) ? ms : 0);
