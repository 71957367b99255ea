import type { Answer, ToMs } from '../clock-domains.ts';
import { WAITER_GRACE_MS, type Candidate, type RenewRequest, type Settlement } from '../limiter.ts';
import { US_PER_MS, type Rules } from '../limits/rules.ts';
import { PAUSE_HOLD_MS, type KeyInspection, type MessageState } from '../operations.ts';
import { inFlight } from '../usage/taken.ts';
import { freeSlots, slotsInAll, stampUs, unknownBefore, type Usage } from '../usage/usage.ts';
import { admit } from './admit.ts';
import { Buckets } from './buckets.ts';
import { find } from './find.ts';
import type { Claimed, Moment } from './grant.ts';
import { InFlight } from './in-flight.ts';
import { KeyClock } from './key-clock.ts';
import { NEW_KEY, type KeyForm, type KeyMemory } from './key-form.ts';
import type { Records } from './records.ts';
import { holdUntilUs, settle } from './settle.ts';
import { Tickets } from './tickets.ts';
import { UsageLog } from './usage-log.ts';
import type { WaitQueue } from './wait-queue.ts';

/**
 * Everything the limiter knows of one key. This is the specification: the Redis scripts do the
 * same, step by step, and a random test demands the same answers of both.
 */
export class KeyState {
  readonly #records: Records;
  readonly #queue: WaitQueue;
  readonly #inFlight: InFlight;
  readonly #ended: UsageLog;
  readonly #tickets: Tickets;
  readonly #unknownBeforeUs: KeyMemory['unknownBeforeUs'];
  readonly #buckets: Buckets;
  readonly #clock: KeyClock;
  #calls: number;
  /** When a delivery in flight is assumed to end that was admitted last, at the earliest. */
  #assumedEndUs: number;
  #holdUntilUs: number;
  #pausedUntilUs: number;
  #rules: Rules | undefined;
  #unknownUs: number | undefined;
  #agingUs: number;

  constructor({ records, queue, unknownBeforeUs, waitedOutUs }: KeyMemory, form: KeyForm = NEW_KEY) {
    this.#records = records;
    this.#queue = queue;
    this.#unknownBeforeUs = unknownBeforeUs;
    this.#inFlight = new InFlight(form.inFlight);
    this.#ended = new UsageLog(form.ended);
    this.#tickets = new Tickets(form.lastTicket);
    this.#buckets = new Buckets(form.buckets);
    this.#clock = new KeyClock(form.clock, waitedOutUs);
    this.#calls = form.calls;
    this.#assumedEndUs = form.assumedEndUs;
    this.#holdUntilUs = form.holdUntilUs;
    this.#pausedUntilUs = form.pausedUntilUs;
    this.#rules = form.rules;
    this.#unknownUs = form.unknownUs;
    this.#agingUs = form.agingUs;
  }

  /** What this state is made from again, beside its records and its queue. */
  get form(): KeyForm {
    return {
      inFlight: this.#inFlight.form,
      ended: this.#ended.form,
      lastTicket: this.#tickets.last,
      buckets: this.#buckets.form,
      clock: this.#clock.form,
      calls: this.#calls,
      assumedEndUs: this.#assumedEndUs,
      holdUntilUs: this.#holdUntilUs,
      pausedUntilUs: this.#pausedUntilUs,
      agingUs: this.#agingUs,
      ...(this.#rules && { rules: this.#rules }),
      ...(this.#unknownUs !== undefined && { unknownUs: this.#unknownUs }),
    };
  }

  /** Answers each candidate. Ids are unique within one call. */
  admit(
    rules: Rules,
    candidates: readonly Candidate[],
    { leaseUs, agingUs }: { readonly leaseUs: number; readonly agingUs: number },
    clockUs: number,
  ): { nowUs: number; answers: Answer[] } {
    const nowUs = this.#tick(clockUs);
    this.#unknownUs = this.#unknownBeforeUs(this.#clock.skewUs);
    this.#rules = rules;
    this.#agingUs = agingUs;
    this.#queue.meet(candidates, nowUs);
    this.#ended.lookAt(rules);
    this.#endLostCalls(nowUs);
    this.#buckets.open(rules.buckets, {
      nowUs,
      unknownUs: this.#unknownUs,
      ended: () => this.#ended.deliveries(nowUs),
      slotsInFlight: this.#inFlight.slots,
    });
    const before = this.#usage(rules, nowUs);
    const startUs = this.#heldUntil(nowUs);
    const leaseUntilUs = nowUs + leaseUs;
    const graceUs = WAITER_GRACE_MS * US_PER_MS;
    const free = nowUs < startUs ? 0 : freeSlots(rules, before, nowUs);
    const moment: Moment = {
      nowUs,
      agingUs,
      leaseUntilUs,
      call: --this.#calls,
      free,
      unclaimed: nowUs - graceUs < startUs ? 0 : Math.min(free, freeSlots(rules, before, nowUs - graceUs)),
      slots: slotsInAll(rules),
      stampUs: (slot) => stampUs(rules, before, nowUs, slot) + rules.marginUs,
      heldUntilUs: startUs,
      graceUs,
      queue: this.#queue,
      records: this.#records,
      tickets: this.#tickets,
    };
    const { taken, dueOf } = admit(candidates, moment);
    const slots = taken.reduce((sum, { cost }) => sum + cost, 0);
    for (const { lost } of taken) if (lost) this.#endTakenOver(lost, nowUs);
    this.#ended.tidy(nowUs);
    if (slots > 0) {
      this.#inFlight.start(moment.call, { messages: taken.length, slots }, nowUs, leaseUntilUs);
      this.#assumedEndUs = nowUs + rules.marginUs;
      this.#buckets.draw(slots, { nowUs, unknownUs: this.#unknownUs });
    }
    const answers = dueOf(rules, this.#usage(rules, nowUs), Math.max(nowUs, startUs));
    this.#queue.expectAll(nowUs);
    return { nowUs, answers };
  }

  /** Records outcomes; `false` where the token is not the newest: then only its slots count from now on. */
  settle(rules: Rules, settlements: readonly Settlement[], clockUs: number): boolean[] {
    const nowUs = this.#tick(clockUs);
    this.#ended.lookAt(rules);
    const recorded = settlements.map((settlement) => {
      const isRecorded = settle(settlement, this.#parts, nowUs);
      if (isRecorded) this.#holdUntilUs = Math.max(this.#holdUntilUs, holdUntilUs(settlement, nowUs));
      return isRecorded;
    });
    this.#ended.tidy(nowUs);
    return recorded;
  }

  /** Prolongs claims; `false` where the token is not the newest: then its delivery goes on, or has to stop. */
  renew(claims: RenewRequest['claims'], leaseUs: number, clockUs: number): boolean[] {
    const nowUs = this.#tick(clockUs);
    return claims.map(({ id, token, cost = 1 }) => {
      const record = this.#records.get(id, nowUs);
      if (record?.state !== 'claimed' || record.token !== token) {
        this.#inFlight.adopt(token, cost, nowUs, record ? nowUs : nowUs + leaseUs);
        return false;
      }
      this.#inFlight.renew(record.call, record.untilUs, record.cost, nowUs, nowUs + leaseUs);
      this.#records.put(id, { ...record, untilUs: nowUs + leaseUs }, nowUs);
      return true;
    });
  }

  /** @param after turns instants of this key's clock into the caller's, given the present one. */
  inspect(clockUs: number, after: (nowUs: number) => ToMs): KeyInspection {
    const nowUs = this.#peek(clockUs);
    const held = nowUs < this.#holdUntilUs;
    const paused = nowUs < this.#pausedUntilUs;
    const { lastDueUs } = this.#queue;
    return {
      waiting: this.#queue.length,
      delivering: this.#inFlight.messages,
      slotsFree:
        this.#rules && (held || paused ? 0 : freeSlots(this.#rules, this.#usage(this.#rules, nowUs), nowUs)),
      lastDueAtMs: lastDueUs === undefined ? undefined : after(nowUs)(lastDueUs),
      heldUntilMs: held ? after(nowUs)(this.#holdUntilUs) : undefined,
      paused,
    };
  }

  /** The state of a message. @param after as in {@link inspect}. */
  find(id: string, clockUs: number, after: (nowUs: number) => ToMs): MessageState {
    const nowUs = this.#peek(clockUs);
    const parts = { records: this.#records, queue: this.#queue, agingUs: this.#agingUs };
    return find(id, parts, nowUs, after(nowUs));
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
    const { state } = this.find(id, clockUs, () => Number);
    if (state === 'delivered' || state === 'dead' || state === 'delivering') return false;
    this.#queue.remove(id);
    this.#records.put(id, { state: 'settled', outcome: 'dead' }, nowUs);
    return true;
  }

  /** The time of the last change. */
  get nowUs(): number {
    return this.#clock.lastUs;
  }

  /** How long it is remembered what was used. */
  get keptUs(): number {
    return this.#ended.keptUs;
  }

  /** When anything was, or may still be, that concerns the key's limits. */
  get lastUs(): number {
    return Math.max(this.#clock.lastUs, this.#holdUntilUs, this.#pausedUntilUs, this.#inFlight.lastLeaseUs);
  }

  /** Whether nothing here can matter any more, once the key was silent for `quietUs`. */
  isForgettable(quietUs: number, clockUs: number): boolean {
    const nowUs = clockUs + this.#clock.skewUs;
    return (
      this.lastUs + quietUs < nowUs &&
      !this.#queue.isExpected(nowUs) &&
      this.#records.isEmpty(this.#peek(clockUs))
    );
  }

  /** A delivery in flight takes its slots in every window; when it will have ended is not known. */
  #usage(rules: Rules, nowUs: number): Usage {
    const fullAtUs = rules.buckets.map((bucket) => this.#buckets.fullAtUs(bucket));
    const endUs = Math.max(this.#assumedEndUs, nowUs);
    const windows = this.#ended.taken(rules).map((ended) => inFlight(this.#inFlight.slots, endUs, ended));
    const known = { windows, fullAtUs };
    const sinceUs = this.#unknownUs;
    return sinceUs === undefined ? known : unknownBefore(sinceUs, rules, known);
  }

  /** Of calls whose leases have ended nothing more is known than that. */
  #endLostCalls(nowUs: number): void {
    for (const { slots, leaseUntilUs } of this.#inFlight.lost(nowUs)) {
      this.#ended.add(this.#tickets.draw(nowUs, slots), slots, leaseUntilUs, nowUs);
    }
  }

  /** Its lease has ended, while its call still has others in flight. */
  #endTakenOver({ token, call, cost, untilUs }: Claimed, nowUs: number): void {
    if (this.#inFlight.end(call, untilUs, cost)) this.#ended.add(token, cost, untilUs, nowUs);
  }

  /** A paused key is held a while longer with every question. */
  #heldUntil(nowUs: number): number {
    return nowUs < this.#pausedUntilUs
      ? Math.max(this.#holdUntilUs, nowUs + PAUSE_HOLD_MS * US_PER_MS)
      : this.#holdUntilUs;
  }

  /** The time, without taking note of it. */
  #peek(clockUs: number): number {
    return this.#queue.at(this.#clock.at(clockUs));
  }

  #tick(clockUs: number): number {
    return this.#queue.at(this.#clock.tick(clockUs));
  }

  get #parts() {
    return { records: this.#records, queue: this.#queue, inFlight: this.#inFlight, ended: this.#ended };
  }
}
