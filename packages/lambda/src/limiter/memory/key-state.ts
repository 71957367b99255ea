import { freePlaces, placesInAll, stampUs, unknownBefore, type Usage } from '../usage/usage.ts';
import { US_PER_MS, type Rules } from '../limits/rules.ts';
import type { Answer } from '../answer.ts';
import {
  MAX_FORGOTTEN,
  UNFINISHED_MEMORY_MS,
  WAITER_GRACE_MS,
  type Candidate,
  type RenewRequest,
  type Settlement,
} from '../limiter.ts';
import { PAUSE_HOLD_MS } from '../operations.ts';
import type { Inspection, Standing } from '../standing.ts';
import { underWay } from '../usage/taken.ts';
import { Buckets } from './buckets.ts';
import { CallsUnderWay } from './in-flight.ts';
import { claimedBefore, decide, type Claimed, type Moment } from './admit.ts';
import { Line } from './wait-queue.ts';
import { MessageRecords } from './records.ts';
import { Tickets } from './tickets.ts';
import { UsageLog } from './usage-log.ts';

/**
 * Everything the limiter knows of one key. This is the specification: the Redis scripts do the
 * same, step by step, and a random test demands the same answers of both.
 */
export class KeyState {
  readonly #records: MessageRecords;
  readonly #line = new Line();
  readonly #underWay = new CallsUnderWay();
  readonly #ended = new UsageLog();
  readonly #tickets = new Tickets();
  readonly #unknownBeforeUs: () => number | undefined;
  readonly #buckets = new Buckets();
  #calls = 0;
  /** When a delivery under way is assumed to end that was admitted last, at the earliest. */
  #assumedEndUs = 0;
  /** When a waiter asked last that had been told its turn. */
  #cameUs = 0;
  /** When nobody in line can be expected any more. */
  #linedUntilUs = 0;
  #holdUntilUs = 0;
  #pausedUntilUs = 0;
  #rules: Rules | undefined;
  #unknownUs: number | undefined;
  #agingUs = 0;
  #lastUs = 0;
  #skewUs = 0;

  constructor(rememberUs: number, unknownBeforeUs: () => number | undefined) {
    this.#records = new MessageRecords(rememberUs, UNFINISHED_MEMORY_MS * US_PER_MS);
    this.#unknownBeforeUs = unknownBeforeUs;
  }

  /** Answers each candidate. Ids are unique within one call. */
  admit(
    rules: Rules,
    candidates: readonly Candidate[],
    { leaseUs, agingUs }: { readonly leaseUs: number; readonly agingUs: number },
    clockUs: number,
  ): { nowUs: number; answers: Answer[] } {
    const nowUs = this.#tick(clockUs);
    const unknownUs = this.#unknownBeforeUs();
    this.#unknownUs = unknownUs === undefined ? undefined : unknownUs + this.#skewUs;
    this.#rules = rules;
    this.#agingUs = agingUs;
    this.#meetWaiters(candidates, nowUs);
    this.#ended.lookAt(rules);
    this.#endLostCalls(nowUs);
    this.#buckets.open(rules.buckets, {
      nowUs,
      unknownUs: this.#unknownUs,
      ended: () => this.#ended.deliveries(nowUs),
      placesUnderWay: this.#underWay.places,
    });
    const before = this.#usage(rules, nowUs);
    const startUs = this.#heldUntil(nowUs);
    const leaseUntilUs = nowUs + leaseUs;
    const graceUs = WAITER_GRACE_MS * US_PER_MS;
    const free = nowUs < startUs ? 0 : freePlaces(rules, before, nowUs);
    const moment: Moment = {
      nowUs,
      agingUs,
      leaseUntilUs,
      call: --this.#calls,
      free,
      unclaimed: nowUs - graceUs < startUs ? 0 : Math.min(free, freePlaces(rules, before, nowUs - graceUs)),
      places: placesInAll(rules),
      stampUs: (place) => stampUs(rules, before, nowUs, place) + rules.marginUs,
      heldUntilUs: startUs,
      graceUs,
      line: this.#line,
      records: this.#records,
      tickets: this.#tickets,
    };
    const { taken, dueOf } = decide(candidates, moment);
    const places = taken.reduce((sum, { cost }) => sum + cost, 0);
    for (const { lost } of taken) if (lost) this.#endTakenOver(lost, nowUs);
    this.#ended.tidy(nowUs);
    if (places > 0) {
      this.#underWay.start(moment.call, { messages: taken.length, places }, nowUs, leaseUntilUs);
      this.#assumedEndUs = nowUs + rules.marginUs;
      this.#buckets.draw(places, { nowUs, unknownUs: this.#unknownUs });
    }
    const answers = dueOf(rules, this.#usage(rules, nowUs), Math.max(nowUs, startUs));
    this.#linedUntilUs = Math.max(nowUs, this.#line.lastDueUs ?? 0) + 2 * graceUs;
    return { nowUs, answers };
  }

  /** Records outcomes; `false` where the token is not the newest: then only its places count from now on. */
  settle(rules: Rules, settlements: readonly Settlement[], clockUs: number): boolean[] {
    const nowUs = this.#tick(clockUs);
    this.#ended.lookAt(rules);
    const recorded = settlements.map((settlement) => this.#settleOne(settlement, nowUs));
    this.#ended.tidy(nowUs);
    return recorded;
  }

  #settleOne(settlement: Settlement, nowUs: number): boolean {
    const { id } = settlement;
    const record = this.#records.get(id, nowUs);
    const isCurrent = record && 'token' in record && record.token === settlement.token;
    if (isCurrent && record.state === 'condemned' && settlement.outcome === 'dead') {
      this.#records.put(id, { state: 'settled', outcome: 'dead' }, nowUs);
      return true;
    }
    if (record?.state !== 'claimed' || !isCurrent) {
      this.#endForgotten(settlement, nowUs);
      return false;
    }
    const { token, attempt, place, takeover, throttles } = record;
    this.#end(record, settlement.outcome, nowUs);
    switch (settlement.outcome) {
      case 'delivered':
      case 'dead':
        this.#line.remove(id);
        this.#records.put(id, { state: 'settled', outcome: settlement.outcome }, nowUs);
        return true;
      case 'condemned':
        this.#line.remove(id);
        this.#records.put(id, { state: 'condemned', token, verdict: settlement.verdict }, nowUs);
        return true;
      case 'retry': {
        const untilUs = nowUs + settlement.retryAfterMs * US_PER_MS;
        this.#records.put(id, { state: 'ready', attempt, place, takeover: false, throttles, untilUs }, nowUs);
        return true;
      }
      case 'release': {
        const untilUs = nowUs + settlement.holdMs * US_PER_MS;
        this.#holdUntilUs = Math.max(this.#holdUntilUs, untilUs);
        const throttled = { throttles: throttles + 1, untilUs };
        this.#records.put(id, { state: 'ready', attempt: attempt - 1, place, takeover, ...throttled }, nowUs);
        return true;
      }
      case 'unused': {
        const untilUs = nowUs;
        this.#records.put(
          id,
          { state: 'ready', attempt: attempt - 1, place, takeover, throttles, untilUs },
          nowUs,
        );
        return true;
      }
    }
  }

  /** Prolongs claims; `false` where the token is not the newest: then its delivery goes on, or has to stop. */
  renew(claims: RenewRequest['claims'], leaseUs: number, clockUs: number): boolean[] {
    const nowUs = this.#tick(clockUs);
    return claims.map(({ id, token, cost = 1 }) => {
      const record = this.#records.get(id, nowUs);
      if (record?.state !== 'claimed' || record.token !== token) {
        this.#underWay.adopt(token, cost, nowUs, record ? nowUs : nowUs + leaseUs);
        return false;
      }
      this.#underWay.renew(record.call, record.untilUs, record.cost, nowUs, nowUs + leaseUs);
      this.#records.put(id, { ...record, untilUs: nowUs + leaseUs }, nowUs);
      return true;
    });
  }

  /** The time by this key's clock, and how it stands. */
  inspect(clockUs: number): { readonly nowUs: number; readonly inspection: Inspection } {
    const nowUs = this.#peek(clockUs);
    const held = nowUs < this.#holdUntilUs;
    const paused = nowUs < this.#pausedUntilUs;
    const inspection = {
      waiting: this.#line.length,
      delivering: this.#underWay.messages,
      placesFree:
        this.#rules && (held || paused ? 0 : freePlaces(this.#rules, this.#usage(this.#rules, nowUs), nowUs)),
      lastDueUs: this.#line.lastDueUs,
      heldUntilUs: held ? this.#holdUntilUs : undefined,
      paused,
    };
    return { nowUs, inspection };
  }

  /** The time by this key's clock, and where a message stands. */
  find(id: string, clockUs: number): { readonly nowUs: number; readonly standing: Standing } {
    const nowUs = this.#peek(clockUs);
    return { nowUs, standing: this.#standing(id, nowUs) };
  }

  /** Begins a pause that ends by itself after `forUs`, or ends it. What was free during it has only been free since. */
  pause(forUs: number, clockUs: number): void {
    const nowUs = this.#peek(clockUs);
    if (forUs === 0 && nowUs < this.#pausedUntilUs) this.#holdUntilUs = Math.max(this.#holdUntilUs, nowUs);
    this.#pausedUntilUs = forUs === 0 ? 0 : nowUs + forUs;
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
    const nowUs = clockUs + this.#skewUs;
    const lastUs = Math.max(this.#lastUs, this.#holdUntilUs, this.#pausedUntilUs, this.#underWay.lastLeaseUs);
    return (
      lastUs + quietUs < nowUs && this.#linedUntilUs < nowUs && this.#records.isEmpty(this.#peek(clockUs))
    );
  }

  #standing(id: string, nowUs: number): Standing {
    const record = this.#records.get(id, nowUs);
    if (record?.state === 'settled') return { state: record.outcome };
    if (record?.state === 'condemned') return { state: 'condemned', attempts: record.verdict.attempts };
    if (record?.state === 'claimed' && nowUs < record.untilUs) {
      return { state: 'delivering', attempt: record.attempt, leaseUntilUs: record.untilUs };
    }
    const waiter = this.#line.find(id);
    if (waiter) {
      const { place, dueUs } = waiter;
      const position = claimedBefore(this.#line, place, this.#agingUs);
      return { state: 'waiting', attempts: record?.attempt ?? 0, position, dueUs };
    }
    if (record) return { state: 'retrying', attempts: record.attempt, retryUs: record.untilUs };
    return { state: 'unknown' };
  }

  /** A delivery under way takes its places in every window; when it will have ended is not known. */
  #usage(rules: Rules, nowUs: number): Usage {
    const fullAtUs = rules.buckets.map((bucket) => this.#buckets.fullAtUs(bucket));
    const endUs = Math.max(this.#assumedEndUs, nowUs);
    const windows = this.#ended.taken(rules).map((ended) => underWay(this.#underWay.places, endUs, ended));
    const known = { windows, fullAtUs };
    const sinceUs = this.#unknownUs;
    return sinceUs === undefined ? known : unknownBefore(sinceUs, rules, known);
  }

  /** Of calls whose leases have ended nothing more is known than that. */
  #endLostCalls(nowUs: number): void {
    for (const { places, leaseUntilUs } of this.#underWay.lost(nowUs)) {
      this.#ended.add(this.#tickets.draw(nowUs, places), places, leaseUntilUs, nowUs);
    }
  }

  /** A delivery that is known no more has ended. Of a claim that was not used nothing was sent. */
  #endForgotten({ token, cost = 1, outcome }: Settlement, nowUs: number): void {
    this.#underWay.end(token, Number.POSITIVE_INFINITY, cost);
    if (outcome !== 'unused') this.#ended.add(token, cost, nowUs, nowUs);
  }

  /** Its lease has ended, while its call still has others under way. */
  #endTakenOver({ token, call, cost, untilUs }: Claimed, nowUs: number): void {
    if (this.#underWay.end(call, untilUs, cost)) this.#ended.add(token, cost, untilUs, nowUs);
  }

  #end(
    { token, call, cost, untilUs, stampUs: firstUs }: Claimed,
    outcome: Settlement['outcome'],
    nowUs: number,
  ): void {
    this.#underWay.end(call, untilUs, cost);
    if (outcome !== 'unused') this.#ended.add(token, cost, Math.max(firstUs, nowUs), nowUs);
  }

  /** The time, by which all that is over was forgotten. */
  #at(nowUs: number): number {
    if (nowUs >= this.#linedUntilUs) this.#line.clear();
    return nowUs;
  }

  /**
   * Waiters that did not come back lose their places. If nobody came for its turn since one of them was due, all do: who
   * only came because a place was free says nothing of those before it.
   */
  #meetWaiters(candidates: readonly Candidate[], nowUs: number): void {
    const asking = new Set(candidates.map(({ id }) => id));
    if (candidates.some(({ id }) => this.#line.find(id)?.isTurn)) this.#cameUs = nowUs;
    const lost = this.#line.overdue(nowUs - WAITER_GRACE_MS * US_PER_MS, MAX_FORGOTTEN);
    if (lost[0] && this.#cameUs < lost[0].dueUs) return this.#line.clear();
    for (const { id } of lost) if (!asking.has(id)) this.#line.remove(id);
  }

  /** A paused key is held a while longer with every question. */
  #heldUntil(nowUs: number): number {
    return nowUs < this.#pausedUntilUs
      ? Math.max(this.#holdUntilUs, nowUs + PAUSE_HOLD_MS * US_PER_MS)
      : this.#holdUntilUs;
  }

  /** The time, without taking note of it. */
  #peek(clockUs: number): number {
    return this.#at(Math.max(clockUs + this.#skewUs, this.#lastUs));
  }

  /** A clock that steps back is carried on from where it stood: leases do not grow, limits do not loosen. */
  #tick(clockUs: number): number {
    this.#skewUs += Math.max(0, this.#lastUs - (clockUs + this.#skewUs));
    this.#lastUs = clockUs + this.#skewUs;
    return this.#at(this.#lastUs);
  }
}
