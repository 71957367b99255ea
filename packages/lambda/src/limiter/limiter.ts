import type { Priority } from '@huntaze/rate-limiter-client/contract';
import type { Limit } from './limits/limit.ts';

/** A message that asks to be delivered. */
export interface Candidate {
  readonly id: string;
  /**
   * Which life of the message this is, from 1: each dead letter of it that is moved back to its queue begins one, with
   * attempts from the start. Default 1.
   */
  readonly life?: number | undefined;
  readonly priority: Priority;
  /** How many slots it takes under every limit: a whole number, at most the smallest limit and 1,000. Default 1. */
  readonly cost?: number;
}

/** One question to the limiter, about messages of one key. */
export interface AdmitRequest {
  readonly key: string;
  /**
   * Which queue the messages come from, as the handler names it: messages of two queues are never one. Absent where
   * nobody names one.
   */
  readonly queue?: string | undefined;
  readonly limits: readonly Limit[];
  /** At most {@link MAX_CANDIDATES}, each id once; earlier ones go first among equals. */
  readonly candidates: readonly Candidate[];
  /** How long a claim excludes others, in milliseconds. */
  readonly leaseMs: number;
  /** How long a delivery may take before it keeps its slot longer, in milliseconds. */
  readonly marginMs: number;
  /**
   * What a priority is worth, in milliseconds of waiting: a message goes before those one priority above it that
   * arrived so much later or more. Default 0: priority is strict, however long a message waits.
   */
  readonly agingMs?: number;
}

/** Bounds the time one question may take the limiter. */
export const MAX_CANDIDATES = 100;

/** The exclusive right to deliver one message, until it is settled or its lease ends. */
export interface Claim extends Pick<AdmitRequest, 'key' | 'queue'>, Pick<Candidate, 'id' | 'life'> {
  /** Fencing token: grows with every claim of the key. Only the newest claim of a message can settle it. */
  readonly token: number;
  /** Which call of `deliver` this is, from 1. A claim whose lease ran out counts: its delivery may have happened. */
  readonly attempt: number;
  /** Whether the claim before this one ran out without an outcome: its delivery may have happened. */
  readonly takeover: boolean;
  /** When others may take over, by this process's clock. */
  readonly leaseUntilMs: number;
  /** How often the message was released with a hold: the upstream asked for silence instead of taking it. Default 0. */
  readonly throttles?: number;
}

/** Why a message will never be delivered: kept with what is known of it until its dead letter is sent. */
export interface Verdict {
  /** At most {@link MAX_VERDICT_TEXT} characters, as `errorName`. */
  readonly reason: string;
  readonly errorName: string;
  readonly attempts: number;
}

/** Bounds what a limiter keeps of a verdict. */
export const MAX_VERDICT_TEXT = 1_000;

/** The limiter's answer to one candidate. Instants are by this process's clock. */
export type Admission =
  | { readonly kind: 'granted'; readonly claim: Claim }
  /** In line: waiters that go first claim `position` slots, and its own may be expected at `dueAtMs`. */
  | { readonly kind: 'wait'; readonly dueAtMs: number; readonly position: number }
  /** Not in the queue: another claim is alive, or the message waits for its next attempt. Ask again at `retryAtMs`. */
  | { readonly kind: 'busy'; readonly retryAtMs: number }
  /**
   * Never to be delivered, but its dead letter is not known to be sent: whoever sends it settles the message as `dead`
   * with this token. Takes no slot and excludes nobody.
   */
  | { readonly kind: 'condemned'; readonly token: number; readonly verdict: Verdict }
  /** Already final: a duplicate. */
  | { readonly kind: 'settled'; readonly outcome: 'delivered' | 'dead' };

/** Outcomes to be recorded, of messages of one key. */
export interface SettleRequest extends Pick<AdmitRequest, 'key' | 'queue' | 'limits' | 'marginMs'> {
  /** At most {@link MAX_CANDIDATES}. */
  readonly settlements: readonly Settlement[];
}

/** Claims to be prolonged, of messages of one key. */
export interface RenewRequest extends Pick<AdmitRequest, 'key' | 'queue'> {
  /** At most {@link MAX_CANDIDATES}. */
  readonly claims: readonly Claimed[];
  /** How long the claims exclude others from now on, in milliseconds. */
  readonly leaseMs: number;
}

/** What a limiter is told of a claim, even when it has forgotten it. */
export interface Claimed extends Pick<Candidate, 'id' | 'life' | 'cost'> {
  readonly token: number;
}

/** What became of a claimed message. */
export type Settlement = Claimed & SettledAs;

/** A settlement without the claim that it settles. */
export type SettledAs =
  | { readonly outcome: 'delivered' | 'dead' }
  /** It will never be delivered, and its dead letter could not be sent: whoever asks next is told so. */
  | { readonly outcome: 'condemned'; readonly verdict: Verdict }
  /** The attempt failed: the message may ask again after `retryAfterMs`, at its old position in the queue. */
  | { readonly outcome: 'retry'; readonly retryAfterMs: number }
  /** The upstream asked for silence: does not count as an attempt, and holds the key for `holdMs`. */
  | { readonly outcome: 'release'; readonly holdMs: number }
  /** The claim was not used: nothing was sent, so it counts neither as an attempt nor under any window. */
  | { readonly outcome: 'unused' };

/**
 * Decides who may send now: for each key, who is next in the queue and when a slot is free.
 *
 * A message is granted when a slot is free under every limit and
 * - it was woken at its due time, no waiter of a higher priority claims the slot, none waits that needs several, and
 *   fewer go before it that have yet to be woken than the limits have slots: otherwise that due time is out of date;
 *   or
 * - it comes early or for the first time, and fewer waiters stand ahead of it than slots are free.
 *
 * Admission consumes, waiting never does: a message that never comes back costs nobody anything.
 *
 * A slot in a window is taken for the window plus the margin; when the delivery takes longer than the
 * margin, until one window after the delivery *ended*, or its lease did. The call reached the upstream
 * somewhere before that end, so no window is exceeded there, however unevenly calls travel. Buckets
 * count admissions.
 *
 * Questions about one key may differ in everything: limits and their kinds, margins, leases, costs. Earlier deliveries
 * count under each of them: those of the last {@link HISTORY_MS}, and of the longest window asked about since the key was
 * last forgotten. A key is forgotten after as long without a question. Deliveries older than any window checked so far are
 * known only as sub-buckets, each up to an eighth of its age.
 *
 * A queue whose head does not come is no queue: when a waiter is lost and no other has come since it was due, all slots
 * in the queue are given up, and whoever comes lines up anew. A slot that stays free for {@link WAITER_GRACE_MS} is kept for
 * nobody, unless the head of the queue needs several.
 */
export interface Limiter {
  /**
   * The upstream whose limit this is: one budget per key for all queues. There, but undefined: each queue has a budget
   * of its own.
   */
  readonly upstream?: string | undefined;
  /**
   * Answers every candidate, in their order, in one atomic step per key; never waits.
   * @throws {LimiterUnavailableError} when no decision was reached: nothing may be delivered.
   */
  admit(request: AdmitRequest): Promise<readonly Admission[]>;
  /**
   * Records outcomes, atomically, and lets the windows of their slots run. `false` for a claim that is not (or no
   * longer) known as the message's newest: nothing is recorded, but its delivery takes its slots in the windows
   * from its end on, as it does after its limiter lost its memory. Unless it was `unused`.
   * @throws {LimiterUnavailableError} when it is unknown whether they were recorded.
   */
  settle(request: SettleRequest): Promise<readonly boolean[]>;
  /**
   * Prolongs claims. `false` for a claim that is not known as the message's newest: its delivery must stop. Until it is
   * settled it counts as in flight for a lease if nothing is known of the message, otherwise as ending now.
   * @throws {LimiterUnavailableError} when it is unknown whether they were prolonged.
   */
  renew(request: RenewRequest): Promise<readonly boolean[]>;
  /**
   * Names the part that decides about a key, such as its shard: keys of one part fall silent and come back together, those
   * of others need not. Default: each key is a part of its own.
   */
  partOf?(asked: Pick<AdmitRequest, 'key' | 'queue'>): string;
  /**
   * Finds out what stands in the way of decisions, for the log: a handler asks once, with its first batch, and waits for
   * nothing.
   */
  check?(): Promise<LimiterCheck>;
}

/** What stands in the way of a limiter. Empty lists: nothing. */
export interface LimiterCheck {
  /** Why it cannot decide: what was expected, what was found, what to do. */
  readonly problems: readonly string[];
  /** Why it may decide worse than it could. */
  readonly warnings: readonly string[];
}

/** How long finished messages are remembered at least, so that a duplicate is recognised: the default of both limiters. */
export const DEFAULT_REMEMBER_MS = 24 * 3_600_000;

/**
 * A waiter that does not return within this time after its due time loses its position; and a slot that stays free for so
 * long is kept for nobody.
 */
export const WAITER_GRACE_MS = 60_000;

/** How long deliveries count at least, whatever the windows are that a key was asked about: one may be longer later. */
export const HISTORY_MS = 24 * 3_600_000;

/** How long messages that are not finished are remembered at least: SQS keeps none longer (SQS quotas, "Message retention"). */
export const UNFINISHED_MEMORY_MS = 14 * 24 * 3_600_000;

/** How many more deliveries than any window needs may be known one by one, before the oldest are joined. */
export const LOG_SLACK = 8;

/** Above so many, sub-buckets are joined for the first time. */
export const FIRST_COMPACTION = 64;

/** Whoever waits for a slot that is kept for others is told to come back no sooner. */
export const LEAST_WAIT_MS = 1_000;

/** How many lost waiters one question removes at most. */
export const MAX_FORGOTTEN = 100;

/**
 * What a limiter assumes of the time that it knows nothing about, because its memory is new or was lost.
 * `empty`: everything was used up, so every key waits one window; no limit can be exceeded. `full`:
 * nothing was used.
 */
export type ColdStart = 'empty' | 'full';
