import {
  drawTokens,
  freePlaces,
  placeDueUs,
  stampUs,
  unknownBefore,
  type Usage,
} from '../../limits/arithmetic.ts';
import { MAX_WINDOW_LIMIT } from '../../limits/limit.ts';
import type { Rules } from '../../limits/rules.ts';
import {
  MAX_FORGOTTEN,
  WAITER_GRACE_MS,
  type Candidate,
  type RenewRequest,
  type Settlement,
} from '../limiter.ts';
import type { Answer } from '../answer.ts';
import { firstPlace, PLACES_PER_PRIORITY, TICKET_EPOCH_US } from '../place.ts';
import { PAUSE_HOLD_MS } from '../operations.ts';
import type { Inspection, Standing } from '../standing.ts';
import { AdmissionLog } from './admission-log.ts';
import { Line } from './line.ts';
import { MessageRecords } from './message-records.ts';

interface Grant {
  readonly place: number | undefined;
  readonly priority: Candidate['priority'];
  readonly attempt: number;
  readonly takeover: boolean;
  readonly leaseUntilUs: number;
}

type Verdict = Exclude<Answer, { kind: 'wait' }> | { readonly kind: 'wait' };

/**
 * Everything the limiter knows of one key. This is the specification: the Redis scripts do the
 * same, step by step, and a random test demands the same answers of both.
 */
export class KeyState {
  readonly #records: MessageRecords;
  readonly #line = new Line();
  readonly #unknownBeforeUs: () => number | undefined;
  readonly #log = new AdmissionLog();
  #fullAtUs: readonly number[] = [];
  #holdUntilUs = 0;
  #paused = false;
  #rules: Rules | undefined;
  #ticket = 0;
  #lastUs = 0;
  #skewUs = 0;

  constructor(rememberUs: number, unknownBeforeUs: () => number | undefined) {
    this.#records = new MessageRecords(rememberUs);
    this.#unknownBeforeUs = unknownBeforeUs;
  }

  /** Answers each candidate. Ids are unique within one call. */
  admit(
    rules: Rules,
    candidates: readonly Candidate[],
    leaseUs: number,
    clockUs: number,
  ): { nowUs: number; answers: Answer[] } {
    const nowUs = this.#tick(clockUs);
    this.#rules = rules;
    this.#forgetLostWaiters(nowUs, new Set(candidates.map(({ id }) => id)));
    this.#log.catchUp(rules, nowUs);
    const before = this.#usage(rules);
    const most = candidates.length + this.#line.length;
    const free = nowUs < this.#heldUntil(nowUs) ? 0 : freePlaces(rules, before, nowUs, most);
    const verdicts = new Map<string, Verdict>();
    let granted = 0;
    for (const candidate of this.#inOrder(candidates)) {
      const verdict = this.#decide(candidate, free - granted, leaseUs, nowUs);
      if (verdict.kind === 'granted') {
        this.#log.start(verdict.token, stampUs(rules, before, nowUs, granted), verdict.leaseUntilUs);
        granted++;
      }
      verdicts.set(candidate.id, verdict);
    }
    this.#log.trim(rules);
    this.#fullAtUs = drawTokens(rules, before.fullAtUs, nowUs, granted);
    const usage = this.#usage(rules);
    return {
      nowUs,
      answers: candidates.map(({ id }) => this.#answer(id, verdicts.get(id)!, rules, usage, nowUs)),
    };
  }

  /** Records outcomes; `false` where the token is not the newest. */
  settle(rules: Rules, settlements: readonly Settlement[], clockUs: number): boolean[] {
    const nowUs = this.#peek(clockUs);
    return settlements.map((settlement) => {
      const record = this.#records.get(settlement.id, nowUs);
      if (record?.state !== 'claimed' || record.token !== settlement.token) return false;
      this.#log.end(rules, record.token, nowUs);
      switch (settlement.outcome) {
        case 'delivered':
        case 'dead':
          this.#line.remove(settlement.id);
          this.#records.put(settlement.id, { state: 'settled', outcome: settlement.outcome }, nowUs);
          return true;
        case 'retry': {
          const untilUs = nowUs + settlement.retryAfterMs * 1_000;
          this.#records.put(
            settlement.id,
            { state: 'ready', attempt: record.attempt, place: record.place, takeover: false, untilUs },
            nowUs,
          );
          return true;
        }
        case 'release': {
          const untilUs = nowUs + settlement.holdMs * 1_000;
          this.#holdUntilUs = Math.max(this.#holdUntilUs, untilUs);
          this.#records.put(
            settlement.id,
            { ...record, state: 'ready', attempt: record.attempt - 1, untilUs },
            nowUs,
          );
          return true;
        }
      }
    });
  }

  /** Prolongs claims; `false` where the token is not the newest. */
  renew(claims: RenewRequest['claims'], marginUs: number, leaseUs: number, clockUs: number): boolean[] {
    const nowUs = this.#peek(clockUs);
    return claims.map(({ id, token }) => {
      const record = this.#records.get(id, nowUs);
      if (record?.state !== 'claimed' || record.token !== token) return false;
      this.#log.renew({ marginUs }, token, nowUs, nowUs + leaseUs);
      this.#records.put(id, { ...record, untilUs: nowUs + leaseUs }, nowUs);
      return true;
    });
  }

  /** The time by this key's clock, and how it stands. */
  inspect(clockUs: number): { readonly nowUs: number; readonly inspection: Inspection } {
    const nowUs = this.#peek(clockUs);
    const held = nowUs < this.#holdUntilUs;
    const inspection = {
      waiting: this.#line.length,
      delivering: this.#log.underWay,
      placesFree:
        this.#rules &&
        (held || this.#paused
          ? 0
          : freePlaces(this.#rules, this.#usage(this.#rules), nowUs, MAX_WINDOW_LIMIT)),
      lastDueUs: this.#line.last?.dueUs,
      heldUntilUs: held ? this.#holdUntilUs : undefined,
      paused: this.#paused,
    };
    return { nowUs, inspection };
  }

  /** The time by this key's clock, and where a message stands. */
  find(id: string, clockUs: number): { readonly nowUs: number; readonly standing: Standing } {
    const nowUs = this.#peek(clockUs);
    return { nowUs, standing: this.#standing(id, nowUs) };
  }

  pause(paused: boolean): void {
    this.#paused = paused;
  }

  /** Makes a message final that is not being delivered. */
  cancel(id: string, clockUs: number): boolean {
    const nowUs = this.#peek(clockUs);
    const { state } = this.#standing(id, nowUs);
    if (state === 'delivered' || state === 'dead' || state === 'delivering') return false;
    this.#line.remove(id);
    this.#records.put(id, { state: 'settled', outcome: 'dead' }, nowUs);
    return true;
  }

  /** Whether nothing here can matter any more, once the key was silent for `quietUs`. */
  isForgettable(quietUs: number, clockUs: number): boolean {
    const lastUs = Math.max(this.#lastUs, this.#holdUntilUs, this.#log.lastLeaseUs());
    return (
      !this.#paused &&
      this.#records.size === 0 &&
      this.#line.length === 0 &&
      lastUs + quietUs < clockUs + this.#skewUs
    );
  }

  /** Drops what was remembered long enough. */
  expire(clockUs: number): void {
    this.#records.expire(clockUs + this.#skewUs);
  }

  /** A paused key is held a while longer with every question. */
  #heldUntil(nowUs: number): number {
    return this.#paused ? Math.max(this.#holdUntilUs, nowUs + PAUSE_HOLD_MS * 1_000) : this.#holdUntilUs;
  }

  /** The time, without taking note of it. */
  #peek(clockUs: number): number {
    return Math.max(clockUs + this.#skewUs, this.#lastUs);
  }

  /** A clock that steps back is carried on from where it stood: leases do not grow, limits do not loosen. */
  #tick(clockUs: number): number {
    this.#skewUs += Math.max(0, this.#lastUs - (clockUs + this.#skewUs));
    this.#lastUs = clockUs + this.#skewUs;
    return this.#lastUs;
  }

  /** By place in line; newcomers after the waiters of their priority, in the order in which they were asked about. */
  #inOrder(candidates: readonly Candidate[]): Candidate[] {
    const placeOf = ({ id, priority }: Candidate) =>
      this.#placeOf(id) ?? firstPlace(priority) + PLACES_PER_PRIORITY - 1;
    return candidates.toSorted((a, b) => placeOf(a) - placeOf(b));
  }

  #placeOf(id: string): number | undefined {
    const record = this.#records.get(id, this.#lastUs);
    return this.#line.find(id)?.place ?? (record && 'place' in record ? record.place : undefined);
  }

  #decide({ id, priority }: Candidate, free: number, leaseUs: number, nowUs: number): Verdict {
    const record = this.#records.get(id, nowUs);
    if (record?.state === 'settled') return { kind: 'settled', outcome: record.outcome };
    if (record && nowUs < record.untilUs) return { kind: 'busy', retryUs: record.untilUs };

    const waiter = this.#line.find(id);
    const place = waiter?.place ?? record?.place;
    const woken = waiter !== undefined && waiter.dueUs <= nowUs;
    const ahead = this.#line.before(
      woken ? firstPlace(priority) : (place ?? firstPlace(priority) + PLACES_PER_PRIORITY),
    );
    const attempt = (record?.attempt ?? 0) + 1;
    if (ahead < free) {
      const takeover = record?.state === 'claimed' || record?.takeover === true;
      return this.#grant(id, { place, priority, attempt, takeover, leaseUntilUs: nowUs + leaseUs }, nowUs);
    }
    if (!waiter) this.#line.put({ id, place: place ?? this.#newPlace(priority, nowUs), dueUs: nowUs });
    if (record) this.#records.put(id, record, nowUs);
    return { kind: 'wait' };
  }

  #grant(
    id: string,
    { place: known, priority, attempt, takeover, leaseUntilUs }: Grant,
    nowUs: number,
  ): Verdict {
    const place = known ?? this.#newPlace(priority, nowUs);
    const token = this.#newTicket(nowUs);
    this.#line.remove(id);
    this.#records.put(
      id,
      { state: 'claimed', token, attempt, place, takeover, untilUs: leaseUntilUs },
      nowUs,
    );
    return { kind: 'granted', token, attempt, takeover, leaseUntilUs };
  }

  /** Due times are given when everybody of this call has a place. */
  #answer(id: string, verdict: Verdict, rules: Rules, usage: Usage, nowUs: number): Answer {
    if (verdict.kind !== 'wait') return verdict;
    const { place } = this.#line.find(id)!;
    const position = this.#line.before(place);
    const dueUs = placeDueUs(rules, usage, Math.max(nowUs, this.#heldUntil(nowUs)), position);
    this.#line.put({ id, place, dueUs });
    return { kind: 'wait', dueUs, position };
  }

  #standing(id: string, nowUs: number): Standing {
    const record = this.#records.get(id, nowUs);
    if (record?.state === 'settled') return { state: record.outcome };
    if (record?.state === 'claimed' && nowUs < record.untilUs) {
      return { state: 'delivering', attempt: record.attempt, leaseUntilUs: record.untilUs };
    }
    const waiter = this.#line.find(id);
    if (waiter) return { state: 'waiting', position: this.#line.before(waiter.place), dueUs: waiter.dueUs };
    if (record) return { state: 'retrying', attempts: record.attempt, retryUs: record.untilUs };
    return { state: 'unknown' };
  }

  #usage(rules: Rules): Usage {
    const known = { stamps: this.#log.stamps(), fullAtUs: this.#fullAtUs };
    const sinceUs = this.#unknownBeforeUs();
    return sinceUs === undefined ? known : unknownBefore(sinceUs + this.#skewUs, rules, known);
  }

  #forgetLostWaiters(nowUs: number, asking: ReadonlySet<string>): void {
    const lost = this.#line.overdue(nowUs - WAITER_GRACE_MS * 1_000, MAX_FORGOTTEN);
    for (const id of lost) if (!asking.has(id)) this.#line.remove(id);
  }

  #newTicket(nowUs: number): number {
    this.#ticket = Math.max(this.#ticket + 1, nowUs);
    return this.#ticket;
  }

  #newPlace(priority: Candidate['priority'], nowUs: number): number {
    return firstPlace(priority) + this.#newTicket(nowUs) - TICKET_EPOCH_US;
  }
}
