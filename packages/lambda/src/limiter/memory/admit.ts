import { placeDueUs, type Usage } from '../usage/usage.ts';
import { US_PER_MS, type Rules } from '../limits/rules.ts';
import type { Answer } from '../answer.ts';
import { LEAST_WAIT_MS, type Candidate } from '../limiter.ts';
import { orderOf, placeOf, rankOf, stretchesBefore } from '../queue-position.ts';
import type { Line, Waiter } from './wait-queue.ts';
import type { MessageRecord, MessageRecords } from './records.ts';
import type { Tickets } from './tickets.ts';

/** What one question is decided with. */
export interface Moment {
  readonly nowUs: number;
  readonly agingUs: number;
  readonly leaseUntilUs: number;
  /** The name of this call. */
  readonly call: number;
  /** How many places are free. */
  readonly free: number;
  /** How many of them have been free for so long that they are kept for nobody, unless the head of the line needs several. */
  readonly unclaimed: number;
  /** How many there are in all. */
  readonly places: number;
  /** What the free place with this number is written down with, at the earliest. */
  stampUs(place: number): number;
  /** Until when nothing is admitted, at least. */
  readonly heldUntilUs: number;
  /** How long a free place is kept for those in line. */
  readonly graceUs: number;
  readonly line: Line;
  readonly records: MessageRecords;
  readonly tickets: Tickets;
}

export type Claimed = Extract<MessageRecord, { state: 'claimed' }>;

interface Grant {
  readonly cost: number;
  /** The claim that ran out and that this one takes over from. */
  readonly lost: Claimed | undefined;
}

interface Decision {
  /** Who takes places. */
  readonly taken: readonly Grant[];
  /** The answers, now that everybody has a place. `startUs`: before it nothing is admitted. */
  dueOf(rules: Rules, usage: Usage, startUs: number): Answer[];
}

/** Gives the free places to who goes first; the others join the line. */
export function decide(candidates: readonly Candidate[], moment: Moment): Decision {
  const { nowUs, agingUs, line, heldUntilUs, graceUs } = moment;
  const answers = new Map<string, Answer | undefined>();
  const taken: Grant[] = [];
  let left = moment.free;
  for (const candidate of inOrder(candidates, moment)) {
    const answer = decideOne(candidate, left, moment);
    answers.set(candidate.id, answer?.kind === 'granted' ? answer.admission : answer);
    if (answer?.kind !== 'granted') continue;
    taken.push(answer.grant);
    left -= answer.grant.cost;
  }
  return {
    taken,
    dueOf: (rules, usage, startUs) => {
      const headDueUs = headIsCostly(line) ? (line.head?.dueUs ?? Number.POSITIVE_INFINITY) : 0;
      return candidates.map(({ id, cost = 1 }) => {
        const answer = answers.get(id);
        if (answer) return answer;
        const position = claimedBefore(line, line.find(id)!.place, agingUs);
        const inLineUs = placeDueUs(rules, usage, startUs, position + cost - 1);
        // A place that is free now is kept for those in line for a while, once it was free and their head was due.
        const freeSinceUs = placeDueUs(rules, usage, heldUntilUs, cost - 1);
        const keptUntilUs = Math.max(
          nowUs + LEAST_WAIT_MS * US_PER_MS,
          Math.max(freeSinceUs, headDueUs) + graceUs,
        );
        const dueUs = cost <= left ? Math.min(inLineUs, keptUntilUs) : inLineUs;
        line.expect(id, dueUs, dueUs === inLineUs);
        return { kind: 'wait', dueUs, position };
      });
    },
  };
}

/** How many places waiters claim that go before a place. */
export function claimedBefore(line: Line, place: number, agingUs: number, woken = false): number {
  return stretchesBefore(place, agingUs, woken).reduce((sum, [from, to]) => sum + line.claimed(from, to), 0);
}

type Verdict =
  | Exclude<Answer, { kind: 'granted' | 'wait' }>
  | { readonly kind: 'granted'; readonly grant: Grant; readonly admission: Answer }
  | undefined;

/** Undefined when the candidate waits. */
function decideOne(candidate: Candidate, left: number, moment: Moment): Verdict {
  const { nowUs, agingUs, line, records, tickets } = moment;
  const { id, priority, cost = 1 } = candidate;
  const record = records.get(id, nowUs);
  if (record?.state === 'settled') return { kind: 'settled', outcome: record.outcome };
  if (record?.state === 'condemned') {
    records.put(id, record, nowUs);
    return { kind: 'condemned', token: record.token, verdict: record.verdict };
  }
  if (record && nowUs < record.untilUs) return { kind: 'busy', retryUs: record.untilUs };

  const waiter = line.find(id);
  const known = waiter?.place ?? record?.place;
  const woken = waiter !== undefined && waiter.dueUs <= nowUs && mayOvertake(waiter, moment);
  const next = placeOf(rankOf(priority), tickets.next(nowUs));
  const isNext = claimedBefore(line, known ?? next, agingUs, woken) + cost <= left;
  const isUnclaimed = !headIsCostly(line) && moment.free - left + cost <= unclaimedPlaces(moment);
  if (isNext || isUnclaimed) {
    return grant(candidate, known, moment.free - left, moment);
  }
  if (!waiter) {
    const place = known ?? placeOf(rankOf(priority), tickets.draw(nowUs, 1));
    line.add({ id, place, cost, dueUs: Number.POSITIVE_INFINITY, isTurn: false });
  }
  if (record) records.put(id, record, nowUs);
  return undefined;
}

/** Whether free places gather for a message that needs several and is next, perhaps since this question. */
function headIsCostly(line: Line): boolean {
  return line.hasCostly && (line.head?.cost ?? 2) > 1;
}

/** All free places, where nobody in line comes soon: more are allowed than when they were told their due times. */
function unclaimedPlaces({ nowUs, graceUs, line, free, unclaimed }: Moment): number {
  return (line.head?.dueUs ?? 0) > nowUs + graceUs ? free : unclaimed;
}

/**
 * Whether a waiter whose due time has come may overtake those of its own priority: they are late. Not if one of them
 * needs several places: there would never be enough at a time. And not if the due time is out of date, because more
 * urgent ones came since: then all places there are belong to waiters before it that have yet to be woken.
 */
function mayOvertake({ place }: Waiter, { nowUs, agingUs, places, line }: Moment): boolean {
  if (line.hasCostly) return false;
  const othersDue = line.dueBefore(nowUs + 1) - 1;
  return claimedBefore(line, place, agingUs) - othersDue < places;
}

function grant(
  { id, priority, cost = 1 }: Candidate,
  known: number | undefined,
  firstPlace: number,
  moment: Moment,
): Verdict {
  const { nowUs, leaseUntilUs, call, line, records, tickets } = moment;
  const record = records.get(id, nowUs);
  const before = record && 'attempt' in record ? record : undefined;
  const lost = before?.state === 'claimed' ? before : undefined;
  const attempt = (before?.attempt ?? 0) + 1;
  const takeover = lost !== undefined || before?.takeover === true;
  const token = tickets.draw(nowUs, cost);
  const place = known ?? placeOf(rankOf(priority), token);
  const stampUs = Math.max(...Array.from({ length: cost }, (_, i) => moment.stampUs(firstPlace + i)));
  line.remove(id);
  const claim = { token, attempt, takeover, throttles: before?.throttles ?? 0 };
  records.put(id, { state: 'claimed', ...claim, place, untilUs: leaseUntilUs, cost, stampUs, call }, nowUs);
  return { kind: 'granted', grant: { cost, lost }, admission: { kind: 'granted', ...claim, leaseUntilUs } };
}

/** By place in line; newcomers after the waiters of their priority, in the order in which they were asked about. */
function inOrder(candidates: readonly Candidate[], moment: Moment): Candidate[] {
  const { nowUs, agingUs, line, records, tickets } = moment;
  const next = tickets.next(nowUs);
  const orders = new Map(
    candidates.map(({ id, priority }) => {
      const record = records.get(id, nowUs);
      const place = line.find(id)?.place ?? (record && 'place' in record ? record.place : undefined);
      return [id, orderOf(place ?? placeOf(rankOf(priority), next), agingUs)];
    }),
  );
  return candidates.toSorted((a, b) => orders.get(a.id)! - orders.get(b.id)!);
}
