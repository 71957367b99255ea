interface Call {
  /** A claim that ran out before was given up for lost and does not count here. */
  readonly begunUs: number;
  readonly leaseUntilUs: number;
  readonly messages: number;
  readonly slots: number;
}

/** What {@link InFlight} is made from again: the calls by name. */
export type InFlightForm = readonly (readonly [name: number, call: Call])[];

/** Messages and the slots that they take. */
type Load = Pick<Call, 'messages' | 'slots'>;

const NOTHING: Load = { messages: 0, slots: 0 };

/**
 * The deliveries of one key that are in flight, by the call that admitted them, each with the end of its latest lease.
 * Calls are named by numbers that are no tokens.
 */
export class InFlight {
  readonly #calls: Map<number, Call>;

  constructor(form: InFlightForm) {
    this.#calls = new Map(form);
  }

  get form(): InFlightForm {
    return [...this.#calls];
  }

  start(name: number, load: Load, nowUs: number, leaseUntilUs: number): void {
    const call = this.#calls.get(name) ?? { ...NOTHING, begunUs: nowUs, leaseUntilUs };
    this.#calls.set(name, {
      begunUs: call.begunUs,
      leaseUntilUs: Math.max(leaseUntilUs, call.leaseUntilUs),
      messages: call.messages + load.messages,
      slots: call.slots + load.slots,
    });
  }

  /** Whether a message, claimed until `untilUs`, was in flight. It no longer is. */
  end(name: number, untilUs: number, cost: number): boolean {
    const call = this.#calls.get(name);
    if (!call || untilUs <= call.begunUs) return false;
    if (call.messages === 1) this.#calls.delete(name);
    else this.#calls.set(name, { ...call, messages: call.messages - 1, slots: call.slots - cost });
    return true;
  }

  /** A claim until `untilUs` is prolonged; one that was given up for lost is in flight again. */
  renew(name: number, untilUs: number, cost: number, nowUs: number, leaseUntilUs: number): void {
    const counted = untilUs > (this.#calls.get(name)?.begunUs ?? Number.POSITIVE_INFINITY);
    this.start(name, counted ? NOTHING : { messages: 1, slots: cost }, nowUs, leaseUntilUs);
  }

  /** A delivery that is known no more goes on, as a call by the name of its token. */
  adopt(token: number, cost: number, nowUs: number, leaseUntilUs: number): void {
    this.start(token, this.#calls.has(token) ? NOTHING : { messages: 1, slots: cost }, nowUs, leaseUntilUs);
  }

  /** Takes out the calls whose leases have ended: nobody will tell how their deliveries went. */
  lost(nowUs: number): readonly Call[] {
    const lost = [...this.#calls].filter(([, { leaseUntilUs }]) => leaseUntilUs <= nowUs);
    for (const [name] of lost) this.#calls.delete(name);
    return lost.map(([, call]) => call);
  }

  get messages(): number {
    return this.#sum(({ messages }) => messages);
  }

  get slots(): number {
    return this.#sum(({ slots }) => slots);
  }

  /** When the last delivery in flight must have ended. */
  get lastLeaseUs(): number {
    return Math.max(0, ...[...this.#calls.values()].map(({ leaseUntilUs }) => leaseUntilUs));
  }

  #sum(of: (call: Call) => number): number {
    let sum = 0;
    for (const call of this.#calls.values()) sum += of(call);
    return sum;
  }
}
