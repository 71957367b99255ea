import {
  drawTokens,
  freePlaces,
  placesInAll,
  stampUs,
  unknownBefore,
  type Usage,
} from '../../limits/arithmetic.ts';
import type { Rules } from '../../limits/rules.ts';
import type { Answer } from '../answer.ts';
import {
  MAX_FORGOTTEN,
  WAITER_GRACE_MS,
  type Candidate,
  type RenewRequest,
  type Settlement,
} from '../limiter.ts';
import { PAUSE_HOLD_MS } from '../operations.ts';
import type { Inspection, Standing } from '../standing.ts';
import { underWay } from '../../limits/taken.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { claimedBefore, decide, type Claimed, type Moment } from './decide.ts';
import { DeliveryLog } from './delivery-log.ts';
import { Line } from './line.ts';
import { MessageRecords } from './message-records.ts';
import { Tickets } from './tickets.ts';

/**
 * Everything the limiter knows of one key. This is the specification: the Redis scripts do the
 * same, step by step, and a random test demands the same answers of both.
 */
export class KeyState {
  readonly #records: MessageRecords;
  readonly #line = new Line();
  readonly #underWay = new CallsUnderWay();
  readonly #ended = new DeliveryLog();
  readonly #tickets = new Tickets();
  readonly #unknownBeforeUs: () => number | undefined;
  /** When each bucket is full again, by its capacity and interval: deployments and tiers may differ. */
  readonly #fullAtUs = new Map<string, number>();
  #calls = 0;
  #grantedUs = 0;
  #holdUntilUs = 0;
  #paused = false;
  #rules: Rules | undefined;
  #unknownUs: number | undefined;
  #agingUs = 0;
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
    { leaseUs, agingUs }: { readonly leaseUs: number; readonly agingUs: number },
    clockUs: number,
  ): { nowUs: number; answers: Answer[] } {
    const nowUs = this.#tick(clockUs);
    this.#unknownUs = this.#unknownBeforeUs();
    this.#rules = rules;
    this.#agingUs = agingUs;
    this.#records.turn(nowUs);
    this.#forgetLostWaiters(nowUs, new Set(candidates.map(({ id }) => id)));
    this.#ended.lookAt(rules, nowUs);
    this.#endLostCalls(rules, nowUs);
    const before = this.#usage(rules, nowUs);
    const startUs = this.#heldUntil(nowUs);
    const leaseUntilUs = nowUs + leaseUs;
    const moment: Moment = {
      nowUs,
      agingUs,
      leaseUntilUs,
      call: --this.#calls,
      free: nowUs < startUs ? 0 : freePlaces(rules, before, nowUs),
      places: placesInAll(rules),
      stampUs: (place) => stampUs(rules, before, nowUs, place),
      line: this.#line,
      records: this.#records,
      tickets: this.#tickets,
    };
    const { taken, dueOf } = decide(candidates, moment);
    const places = taken.reduce((sum, { cost }) => sum + cost, 0);
    for (const { lost } of taken) if (lost) this.#endTakenOver(rules, lost);
    if (places > 0) {
      this.#underWay.start(moment.call, { messages: taken.length, places }, nowUs, leaseUntilUs);
      this.#grantedUs = nowUs;
    }
    const fullAtUs = drawTokens(rules, before.fullAtUs, nowUs, places);
    for (const [index, bucket] of rules.buckets.entries()) {
      this.#fullAtUs.set(nameOf(bucket), fullAtUs[index]!);
    }
    return { nowUs, answers: dueOf(rules, this.#usage(rules, nowUs), Math.max(nowUs, startUs)) };
  }

  /** Records outcomes; `false` where the token is not the newest: then only its places count from now on. */
  settle(rules: Rules, settlements: readonly Settlement[], clockUs: number): boolean[] {
    const nowUs = this.#tick(clockUs);
    return settlements.map((settlement) => {
      const { id } = settlement;
      const record = this.#records.get(id);
      if (
        record?.state === 'condemned' &&
        record.token === settlement.token &&
        settlement.outcome === 'dead'
      ) {
        this.#records.put(id, { state: 'settled', outcome: 'dead' });
        return true;
      }
      if (record?.state !== 'claimed' || record.token !== settlement.token) {
        this.#endForgotten(rules, settlement, nowUs);
        return false;
      }
      const { token, attempt, place, takeover, throttles } = record;
      this.#end(rules, record, nowUs);
      switch (settlement.outcome) {
        case 'delivered':
        case 'dead':
          this.#line.remove(id);
          this.#records.put(id, { state: 'settled', outcome: settlement.outcome });
          return true;
        case 'condemned':
          this.#line.remove(id);
          this.#records.put(id, { state: 'condemned', token, verdict: settlement.verdict });
          return true;
        case 'retry': {
          const untilUs = nowUs + settlement.retryAfterMs * 1_000;
          this.#records.put(id, { state: 'ready', attempt, place, takeover: false, throttles, untilUs });
          return true;
        }
        case 'release': {
          const untilUs = nowUs + settlement.holdMs * 1_000;
          this.#holdUntilUs = Math.max(this.#holdUntilUs, untilUs);
          const throttled = { throttles: throttles + (settlement.holdMs > 0 ? 1 : 0), untilUs };
          this.#records.put(id, { state: 'ready', attempt: attempt - 1, place, takeover, ...throttled });
          return true;
        }
      }
    });
  }

  /** Prolongs claims; `false` where the token is not the newest: then its delivery goes on, or has to stop. */
  renew(claims: RenewRequest['claims'], leaseUs: number, clockUs: number): boolean[] {
    const nowUs = this.#tick(clockUs);
    return claims.map(({ id, token, cost = 1 }) => {
      const record = this.#records.get(id);
      if (record?.state !== 'claimed' || record.token !== token) {
        this.#underWay.adopt(token, cost, nowUs, record ? nowUs : nowUs + leaseUs);
        return false;
      }
      this.#underWay.renew(record.call, record.untilUs, record.cost, nowUs, nowUs + leaseUs);
      this.#records.put(id, { ...record, untilUs: nowUs + leaseUs });
      return true;
    });
  }

  /** The time by this key's clock, and how it stands. */
  inspect(clockUs: number): { readonly nowUs: number; readonly inspection: Inspection } {
    const nowUs = this.#peek(clockUs);
    const held = nowUs < this.#holdUntilUs;
    const inspection = {
      waiting: this.#line.length,
      delivering: this.#underWay.messages,
      placesFree:
        this.#rules &&
        (held || this.#paused ? 0 : freePlaces(this.#rules, this.#usage(this.#rules, nowUs), nowUs)),
      lastDueUs: this.#line.lastDueUs,
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
    const { state } = this.#standing(id, this.#peek(clockUs));
    if (state === 'delivered' || state === 'dead' || state === 'delivering') return false;
    this.#line.remove(id);
    this.#records.put(id, { state: 'settled', outcome: 'dead' });
    return true;
  }

  /** Whether nothing here can matter any more, once the key was silent for `quietUs`. */
  isForgettable(quietUs: number, clockUs: number): boolean {
    const lastUs = Math.max(this.#lastUs, this.#holdUntilUs, this.#underWay.lastLeaseUs);
    return (
      !this.#paused &&
      this.#records.size === 0 &&
      this.#line.length === 0 &&
      lastUs + quietUs < clockUs + this.#skewUs
    );
  }

  /** Drops what was remembered long enough. */
  expire(clockUs: number): void {
    this.#records.turn(this.#peek(clockUs));
  }

  #standing(id: string, nowUs: number): Standing {
    const record = this.#records.get(id);
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
    const fullAtUs = rules.buckets.map((bucket) => this.#fullAtUs.get(nameOf(bucket)) ?? 0);
    const endUs = Math.max(this.#grantedUs, nowUs - rules.marginUs);
    const windows = this.#ended.taken(rules).map((ended) => underWay(this.#underWay.places, endUs, ended));
    const known = { windows, fullAtUs };
    const sinceUs = this.#unknownUs;
    return sinceUs === undefined ? known : unknownBefore(sinceUs + this.#skewUs, rules, known);
  }

  /** Of calls whose leases have ended nothing more is known than that. */
  #endLostCalls(rules: Rules, nowUs: number): void {
    for (const { places, leaseUntilUs } of this.#underWay.lost(nowUs)) {
      this.#ended.add(rules, this.#tickets.draw(nowUs, places), places, leaseUntilUs - rules.marginUs);
    }
  }

  /** A delivery that is known no more has ended. Of a release without a hold nothing was sent. */
  #endForgotten(rules: Rules, settlement: Settlement, nowUs: number): void {
    const { token, cost = 1 } = settlement;
    this.#underWay.end(token, Number.POSITIVE_INFINITY, cost);
    const neverBegan = settlement.outcome === 'release' && settlement.holdMs === 0;
    if (!neverBegan) this.#ended.add(rules, token, cost, nowUs - rules.marginUs);
  }

  /** Its lease has ended, while its call still has others under way. */
  #endTakenOver(rules: Rules, { token, call, cost, untilUs }: Claimed): void {
    if (!this.#underWay.end(call, untilUs, cost)) return;
    this.#ended.add(rules, token, cost, untilUs - rules.marginUs);
  }

  #end(rules: Rules, { token, call, cost, untilUs, stampUs: firstUs }: Claimed, endedUs: number): void {
    this.#underWay.end(call, untilUs, cost);
    this.#ended.add(rules, token, cost, Math.max(firstUs, endedUs - rules.marginUs));
  }

  #forgetLostWaiters(nowUs: number, asking: ReadonlySet<string>): void {
    const lost = this.#line.overdue(nowUs - WAITER_GRACE_MS * 1_000, MAX_FORGOTTEN);
    for (const id of lost) if (!asking.has(id)) this.#line.remove(id);
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
}

const nameOf = ({ capacity, intervalUs }: Rules['buckets'][number]) => `${capacity}:${intervalUs}`;
