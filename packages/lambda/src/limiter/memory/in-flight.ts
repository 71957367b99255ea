interface Call {
  /** A claim that ran out before was given up for lost and does not count here. */
  readonly begunUs: number;
  readonly leaseUntilUs: number;
  readonly messages: number;
  readonly places: number;
}

/** Messages and the places that they take. */
type Load = Pick<Call, 'messages' | 'places'>;

const NOTHING: Load = { messages: 0, places: 0 };

/**
 * The deliveries of one key that are under way, by the call that admitted them, each with the end of its latest lease.
 * Calls are named by numbers that are no tokens.
 */
export class CallsUnderWay {
  readonly #calls = new Map<number, Call>();

  start(name: number, load: Load, nowUs: number, leaseUntilUs: number): void {
    const call = this.#calls.get(name) ?? { ...NOTHING, begunUs: nowUs, leaseUntilUs };
    this.#calls.set(name, {
      begunUs: call.begunUs,
      leaseUntilUs: Math.max(leaseUntilUs, call.leaseUntilUs),
      messages: call.messages + load.messages,
      places: call.places + load.places,
    });
  }

  /** Whether a message, claimed until `untilUs`, was under way. It no longer is. */
  end(name: number, untilUs: number, cost: number): boolean {
    const call = this.#calls.get(name);
    if (!call || untilUs <= call.begunUs) return false;
    if (call.messages === 1) this.#calls.delete(name);
    else this.#calls.set(name, { ...call, messages: call.messages - 1, places: call.places - cost });
    return true;
  }

  /** A claim until `untilUs` is prolonged; one that was given up for lost is under way again. */
  renew(name: number, untilUs: number, cost: number, nowUs: number, leaseUntilUs: number): void {
    const counted = untilUs > (this.#calls.get(name)?.begunUs ?? Number.POSITIVE_INFINITY);
    this.start(name, counted ? NOTHING : { messages: 1, places: cost }, nowUs, leaseUntilUs);
  }

  /** A delivery that is known no more goes on, as a call by the name of its token. */
  adopt(token: number, cost: number, nowUs: number, leaseUntilUs: number): void {
    this.start(token, this.#calls.has(token) ? NOTHING : { messages: 1, places: cost }, nowUs, leaseUntilUs);
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

  get places(): number {
    return this.#sum(({ places }) => places);
  }

  /** When the last delivery under way must have ended. */
  get lastLeaseUs(): number {
    return Math.max(0, ...[...this.#calls.values()].map(({ leaseUntilUs }) => leaseUntilUs));
  }

  #sum(of: (call: Call) => number): number {
    let sum = 0;
    for (const call of this.#calls.values()) sum += of(call);
    return sum;
  }
}
