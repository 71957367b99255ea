import type { Invocation } from '../batch/invocation.ts';
import type { Admission } from '../limiter/limiter.ts';
import type { Settings } from '../options.ts';
import { DEAD_LETTER_RETRY_MS, isBeyondRetention, waitInQueue } from '../parking/park.ts';
import type { Attempt } from './deliver.ts';
import type { Fate } from './outcome.ts';
import type { Delivery } from '../message/read-message.ts';
import { BEYOND_RETENTION, setAside, verdictOn, type Cause } from '../dead-letter/dead-letter.ts';
import { settle, type Outcome } from './settlements.ts';

/** An attempt that has ended, and with what its end is carried out. */
interface Ended {
  readonly settings: Settings;
  readonly invocation: Invocation;
  readonly attempt: Attempt;
}
type FateOf<Kind extends Fate['kind']> = Extract<Fate, { readonly kind: Kind }>;

/** Carries out a fate: records it with the limiter, then acknowledges, parks or sets aside. Never throws. */
export async function finish(
  settings: Settings,
  invocation: Invocation,
  attempt: Attempt,
  fate: Fate,
): Promise<void> {
  const ended = { settings, invocation, attempt };
  switch (fate.kind) {
    case 'delivered':
      return await acknowledge(ended);
    case 'retry':
      return await tryAgain(ended, fate);
    case 'silence':
      return await keepSilence(ended, fate);
    case 'dead':
      return await giveUp(ended, fate);
    case 'uncertain':
      return await leaveUncertain(ended, fate);
    case 'not-started':
      return await giveBack(ended);
    case 'unknown':
      return leaveUnknown(ended);
  }
}

/** Sends the dead letter of a message that is condemned already. Never throws. */
export async function finishCondemned(
  settings: Settings,
  invocation: Invocation,
  delivery: Delivery,
  condemned: Extract<Admission, { readonly kind: 'condemned' }>,
): Promise<void> {
  if (await setAside(settings, invocation, delivery, condemned, condemned.verdict)) return;
  invocation.parkUntil(delivery, settings.clock.nowMs() + DEAD_LETTER_RETRY_MS, 'unfinished');
}

async function acknowledge(ended: Ended): Promise<void> {
  const { clock, metrics, onEvent } = ended.settings;
  const { delivery, claim } = ended.attempt;
  await record(ended, { outcome: 'delivered' });
  ended.invocation.batch.done(delivery.records, 'delivered');
  const latencyMs = Math.max(0, clock.nowMs() - sentAtMs(delivery));
  metrics.record('MessagesSent', 1);
  metrics.record('QueueLatency', latencyMs);
  onEvent({ kind: 'delivered', ...subjectOf(ended), attempt: claim.attempt, latencyMs });
}

async function tryAgain(ended: Ended, { errorName, afterMs, problem }: FateOf<'retry'>): Promise<void> {
  const { settings, invocation } = ended;
  const { delivery, claim } = ended.attempt;
  const { attempt } = claim;
  const retryAtMs = settings.clock.nowMs() + afterMs;
  if (await isBeyondRetention(invocation, delivery.records, retryAtMs)) {
    const verdict = verdictOn(settings, claim, { reason: BEYOND_RETENTION, errorName });
    if (await setAside(settings, invocation, delivery, claim, verdict)) return;
  }
  settings.logger.warn(
    { messageId: delivery.message.id, attempt, error: errorName, ...(problem !== undefined && { problem }) },
    'a delivery failed and is tried again',
  );
  await record(ended, { outcome: 'retry', retryAfterMs: afterMs });
  invocation.parkUntil(delivery, retryAtMs, 'retried');
  settings.onEvent({ kind: 'retried', ...subjectOf(ended), attempt, errorName, afterMs });
}

async function keepSilence(ended: Ended, { holdMs }: FateOf<'silence'>): Promise<void> {
  const { settings, invocation } = ended;
  const { delivery, claim } = ended.attempt;
  settings.logger.warn(
    { messageId: delivery.message.id, holdMs },
    'the upstream asked for silence: its key is held',
  );
  await record(ended, { outcome: 'release', holdMs });
  const untilMs = settings.clock.nowMs() + holdMs;
  const wait = { untilMs, for: 'place', attempts: claim.attempt - 1 } as const;
  if ((await waitInQueue(settings, invocation, delivery, wait)) === 'refused') return;
  settings.onEvent({ kind: 'silenced', ...subjectOf(ended), holdMs });
}

async function giveUp(ended: Ended, fate: FateOf<'dead'>): Promise<void> {
  if (await setAsideOrCondemn(ended, fate)) return;
  const { settings, invocation, attempt } = ended;
  invocation.parkUntil(attempt.delivery, settings.clock.nowMs() + DEAD_LETTER_RETRY_MS, 'unfinished');
}

async function leaveUncertain(ended: Ended, fate: FateOf<'uncertain'>): Promise<void> {
  // Should the verdict not be recorded, then whoever takes over the claim finds the message uncertain again.
  if (!(await setAsideOrCondemn(ended, { ...fate, reason: 'uncertain' }))) parkForLease(ended);
}

/** Sets a message aside; false when its letter could not be sent. Then the next receive only sends the letter. */
async function setAsideOrCondemn(ended: Ended, cause: Cause): Promise<boolean> {
  const { settings, invocation } = ended;
  const { delivery, claim } = ended.attempt;
  const verdict = verdictOn(settings, claim, cause);
  if (await setAside(settings, invocation, delivery, claim, verdict)) return true;
  await record(ended, { outcome: 'condemned', verdict });
  return false;
}

async function giveBack(ended: Ended): Promise<void> {
  await record(ended, { outcome: 'unused' });
  ended.invocation.parkUntil(ended.attempt.delivery, ended.settings.clock.nowMs(), 'unfinished');
}

function leaveUnknown(ended: Ended): void {
  const { delivery, claim } = ended.attempt;
  ended.settings.logger.error(
    { messageId: delivery.message.id, attempt: claim.attempt },
    'a delivery did not end in time: its outcome is unknown',
  );
  parkForLease(ended);
}

/** Until its lease ends nobody can take over the message. */
function parkForLease({ settings, invocation, attempt }: Ended): void {
  const leftMs = Math.max(0, attempt.lease.leftMs());
  invocation.parkUntil(attempt.delivery, settings.clock.nowMs() + leftMs, 'unfinished');
}

async function record({ settings, attempt: { delivery, claim } }: Ended, outcome: Outcome): Promise<void> {
  await settle(settings, delivery.terms, claim, outcome);
}

/** A dead letter without room for its time came back when SQS took it. */
function sentAtMs({ message: { enqueuedAtMs }, records: [received] }: Delivery): number {
  return enqueuedAtMs || Number(received?.attributes.SentTimestamp ?? Number.POSITIVE_INFINITY);
}

function subjectOf({ attempt: { delivery } }: Ended) {
  const { key, id } = delivery.message;
  return { key, messageId: id };
}
