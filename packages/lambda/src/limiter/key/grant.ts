import type { Answer } from '../clock-domains.ts';
import type { Candidate } from '../limiter.ts';
import { positionOf, rankOf } from '../queue-position.ts';
import type { MessageRecord, Records } from './records.ts';
import type { Tickets } from './tickets.ts';
import { claimedBefore, type Waiter, type WaitQueue } from './wait-queue.ts';

/** What one question is decided with. */
export interface Moment {
  readonly nowUs: number;
  readonly agingUs: number;
  readonly leaseUntilUs: number;
  /** The name of this call. */
  readonly call: number;
  /** How many slots are free. */
  readonly free: number;
  /** How many of them have been free for so long that they are kept for nobody, unless the head of the queue needs several. */
  readonly unclaimed: number;
  /** How many there are in all. */
  readonly slots: number;
  /** What the free slot with this number is written down with, at the earliest. */
  stampUs(slot: number): number;
  /** Until when nothing is admitted, at least. */
  readonly heldUntilUs: number;
  /** How long a free slot is kept for those in the queue. */
  readonly graceUs: number;
  readonly queue: WaitQueue;
  readonly records: Records;
  readonly tickets: Tickets;
}

export type Claimed = Extract<MessageRecord, { state: 'claimed' }>;

/** What one candidate takes. */
export interface Grant {
  readonly cost: number;
  /** The claim that ran out and that this one takes over from. */
  readonly lost: Claimed | undefined;
}

/** The answer to one candidate; undefined when it waits. */
type Answered =
  | Exclude<Answer, { kind: 'granted' | 'wait' }>
  | { readonly kind: 'granted'; readonly grant: Grant; readonly admission: Answer }
  | undefined;

/** Answers one candidate; `left`: how many of the free slots nobody has taken. Who waits has joined the queue. */
export function decideOne(candidate: Candidate, left: number, moment: Moment): Answered {
  const { nowUs, agingUs, queue, records, tickets } = moment;
  const { id, priority, cost = 1 } = candidate;
  const record = records.get(id, nowUs);
  if (record?.state === 'settled') return { kind: 'settled', outcome: record.outcome };
  if (record?.state === 'condemned') {
    records.put(id, record, nowUs);
    return { kind: 'condemned', token: record.token, verdict: record.verdict };
  }
  if (record && nowUs < record.untilUs) return { kind: 'busy', retryUs: record.untilUs };

  const waiter = queue.find(id);
  const known = waiter?.position ?? record?.position;
  const woken = waiter !== undefined && waiter.dueUs <= nowUs && mayOvertake(waiter, moment);
  const next = positionOf(rankOf(priority), tickets.next(nowUs));
  const isNext = claimedBefore(queue, known ?? next, agingUs, woken) + cost <= left;
  const isUnclaimed =
    (!headIsCostly(queue) || (waiter && isStuck(moment))) &&
    moment.free - left + cost <= unclaimedSlots(moment);
  if (isNext || isUnclaimed) {
    return grant(candidate, known, moment.free - left, moment);
  }
  if (!waiter) {
    const position = known ?? positionOf(rankOf(priority), tickets.draw(nowUs, 1));
    queue.add({ id, position, cost, dueUs: Number.POSITIVE_INFINITY, isTurn: false });
  }
  if (record) records.put(id, record, nowUs);
  return undefined;
}

/** Whether free slots gather for a message that needs several and is next, perhaps since this question. */
export function headIsCostly(queue: WaitQueue): boolean {
  return queue.hasCostly && (queue.head?.cost ?? 2) > 1;
}

/** Whether a queue whose positions may be wrong let all slots there are go unused for long. */
function isStuck({ queue, unclaimed, slots }: Moment): boolean {
  return queue.mayErr && unclaimed >= slots;
}

/** All free slots if no waiter is due soon, for instance because limits were raised since. */
function unclaimedSlots({ nowUs, graceUs, queue, free, unclaimed }: Moment): number {
  return (queue.head?.dueUs ?? 0) > nowUs + graceUs ? free : unclaimed;
}

/**
 * Whether a waiter whose due time has come may overtake those of its own priority: they are late. Not if one of them
 * needs several slots: there would never be enough at a time. And not if the due time is out of date, because more
 * urgent ones came since: then all slots there are belong to waiters before it that have yet to be woken.
 */
function mayOvertake(waiter: Waiter, { nowUs, agingUs, slots, queue }: Moment): boolean {
  return !queue.hasCostly && queue.asleepBefore(waiter, nowUs, agingUs) < slots;
}

function grant(
  { id, priority, cost = 1 }: Candidate,
  known: number | undefined,
  firstSlot: number,
  moment: Moment,
): Answered {
  const { nowUs, leaseUntilUs, call, queue, records, tickets } = moment;
  const record = records.get(id, nowUs);
  const before = record && 'attempt' in record ? record : undefined;
  const lost = before?.state === 'claimed' ? before : undefined;
  const attempt = (before?.attempt ?? 0) + 1;
  const takeover = lost !== undefined || before?.takeover === true;
  const token = tickets.draw(nowUs, cost);
  const position = known ?? positionOf(rankOf(priority), token);
  const stampUs = Math.max(...Array.from({ length: cost }, (_, i) => moment.stampUs(firstSlot + i)));
  queue.remove(id);
  const claim = { token, attempt, takeover, throttles: before?.throttles ?? 0 };
  records.put(
    id,
    { state: 'claimed', ...claim, position, untilUs: leaseUntilUs, cost, stampUs, call },
    nowUs,
  );
  return { kind: 'granted', grant: { cost, lost }, admission: { kind: 'granted', ...claim, leaseUntilUs } };
}
