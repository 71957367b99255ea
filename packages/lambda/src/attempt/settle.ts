import type { Settlements } from '../batch/settlements.ts';
import {
  BEYOND_RETENTION,
  DEAD_LETTER_RETRY_MS,
  deadLetter,
  verdictOn,
  type Cause,
} from '../dead-letter/dead-letter.ts';
import type { Admission, Claim, SettledAs, Verdict } from '../limiter/limiter.ts';
import { unfinishedUntil, type Conclusion } from '../message/conclusion.ts';
import type { ReceivedMessage } from '../message/received.ts';
import { park, type ParkSettings, type WaitingQueue } from '../parking/park.ts';
import { outlivesRetention } from '../parking/room.ts';
import type { Lease } from './lease.ts';
import type { Outcome } from './outcome.ts';

/** The tools of settling. */
interface Settling {
  readonly settings: ParkSettings;
  readonly queue: WaitingQueue;
  readonly settlements: Settlements;
}

/** An attempt that has ended, and the tools to settle it. */
export interface EndedAttempt extends Settling {
  readonly received: ReceivedMessage;
  readonly claim: Claim;
  readonly lease: Lease;
}

type OutcomeOf<Kind extends Outcome['kind']> = Extract<Outcome, { readonly kind: Kind }>;

/** Records the outcome of an attempt with the limiter, and sends a dead letter where it needs one. Never rejects. */
export async function settleAttempt(ended: EndedAttempt, outcome: Outcome): Promise<Conclusion> {
  switch (outcome.kind) {
    case 'delivered':
      return await settleDelivered(ended);
    case 'retry':
      return await settleRetry(ended, outcome);
    case 'throttled':
      return await settleThrottled(ended, outcome);
    case 'rejected':
      return (await deadLetterOrCondemn(ended, outcome)) ?? untilLetterIsRetried(ended.settings);
    case 'uncertain':
      // Should the verdict not be recorded, then the next claim is a takeover, and uncertain again.
      return (await deadLetterOrCondemn(ended, { ...outcome, reason: 'uncertain' })) ?? untilLeaseEnds(ended);
    case 'not-started':
      await recordOutcome(ended, { outcome: 'unused' });
      return unfinishedUntil(ended.settings.clock.nowMs());
    case 'unknown':
      ended.settings.logger.error(
        { messageId: ended.received.message.id, attempt: ended.claim.attempt },
        'a delivery did not end in time: its outcome is unknown',
      );
      return untilLeaseEnds(ended);
  }
}

/** Sends the dead letter of a condemned message. Never rejects. */
export async function settleCondemned(
  tools: Settling,
  received: ReceivedMessage,
  { token, verdict }: Extract<Admission, { readonly kind: 'condemned' }>,
): Promise<Conclusion> {
  return (
    (await deadLetterThenRecord(tools, received, token, verdict)) ?? untilLetterIsRetried(tools.settings)
  );
}

async function settleDelivered(ended: EndedAttempt): Promise<Conclusion> {
  const { settings, received, claim } = ended;
  await recordOutcome(ended, { outcome: 'delivered' });
  const latencyMs = Math.max(0, settings.clock.nowMs() - sentAtMs(received));
  return { kind: 'delivered', attempt: claim.attempt, latencyMs };
}

async function settleRetry(ended: EndedAttempt, outcome: OutcomeOf<'retry'>): Promise<Conclusion> {
  const { settings, queue, received, claim } = ended;
  const { errorName, afterMs, problem } = outcome;
  const { attempt } = claim;
  const untilMs = settings.clock.nowMs() + afterMs;
  if (outlivesRetention(await queue.attributes(), received.records, untilMs)) {
    const verdict = verdictOn(settings, claim, { reason: BEYOND_RETENTION, errorName });
    const dead = await deadLetterThenRecord(ended, received, claim.token, verdict);
    if (dead) return dead;
  }
  settings.logger.warn(
    { messageId: received.message.id, attempt, error: errorName, ...(problem !== undefined && { problem }) },
    'a delivery failed and is tried again',
  );
  await recordOutcome(ended, { outcome: 'retry', retryAfterMs: afterMs });
  return {
    kind: 'hidden',
    untilMs,
    as: 'retried',
    setback: { kind: 'retried', attempt, errorName, afterMs },
  };
}

async function settleThrottled(ended: EndedAttempt, { holdMs }: OutcomeOf<'throttled'>): Promise<Conclusion> {
  const { settings, queue, received, claim } = ended;
  settings.logger.warn(
    { messageId: received.message.id, holdMs },
    'the upstream throttled a delivery: its key is held',
  );
  await recordOutcome(ended, { outcome: 'release', holdMs });
  const wait = {
    untilMs: settings.clock.nowMs() + holdMs,
    for: 'slot',
    attempts: claim.attempt - 1,
  } as const;
  const conclusion = await park(settings, queue, received, wait);
  const returns = conclusion.kind === 'hidden' || conclusion.kind === 'left';
  return returns ? { ...conclusion, setback: { kind: 'throttled', holdMs } } : conclusion;
}

/** Sends a dead letter; undefined when that failed. Then the verdict is recorded, and the next receive sends the letter. */
async function deadLetterOrCondemn(ended: EndedAttempt, cause: Cause): Promise<Conclusion | undefined> {
  const { settings, received, claim } = ended;
  const verdict = verdictOn(settings, claim, cause);
  const dead = await deadLetterThenRecord(ended, received, claim.token, verdict);
  if (!dead) await recordOutcome(ended, { outcome: 'condemned', verdict });
  return dead;
}

/**
 * Sends a dead letter, then records it; undefined when it could not be sent. The order makes every crash harmless: before
 * the record the letter is sent again, after it the message is recognised (decision 12).
 */
async function deadLetterThenRecord(
  { settings, queue, settlements }: Settling,
  received: ReceivedMessage,
  token: number,
  verdict: Verdict,
): Promise<Conclusion | undefined> {
  const dead = await deadLetter(settings, received, verdict);
  if (dead) await settlements.settle(queue.identity, received, { token }, { outcome: 'dead' });
  return dead;
}

async function recordOutcome(
  { queue, settlements, received, claim }: EndedAttempt,
  as: SettledAs,
): Promise<void> {
  await settlements.settle(queue.identity, received, claim, as);
}

function untilLetterIsRetried({ clock }: ParkSettings): Conclusion {
  return unfinishedUntil(clock.nowMs() + DEAD_LETTER_RETRY_MS);
}

/** Until its lease ends nobody can take over the message. */
function untilLeaseEnds({ settings, lease }: EndedAttempt): Conclusion {
  return unfinishedUntil(settings.clock.nowMs() + Math.max(0, lease.leftMs()));
}

/** A dead letter without room for its time came back when SQS took it. */
function sentAtMs({ message: { enqueuedAtMs }, records: [record] }: ReceivedMessage): number {
  return enqueuedAtMs || Number(record.attributes.SentTimestamp ?? Number.POSITIVE_INFINITY);
}
