import type { Verdict } from '../limiter.ts';

/** What is known of one message. */
export type MessageRecord =
  | {
      readonly state: 'claimed';
      readonly token: number;
      readonly attempt: number;
      readonly place: number;
      /** Whether an earlier claim ran out without an outcome, and nothing was attempted since. */
      readonly takeover: boolean;
      /** How often it was released with a hold. */
      readonly throttles: number;
      readonly untilUs: number;
      readonly cost: number;
      /** From when its places count once it has ended, at the earliest. */
      readonly stampUs: number;
      /** Which call admitted it. */
      readonly call: number;
    }
  | {
      readonly state: 'ready';
      readonly attempt: number;
      readonly place: number;
      readonly takeover: boolean;
      /** How often it was released with a hold. */
      readonly throttles: number;
      readonly untilUs: number;
    }
  | { readonly state: 'condemned'; readonly token: number; readonly verdict: Verdict }
  | { readonly state: 'settled'; readonly outcome: 'delivered' | 'dead' };

/**
 * The records of one key's messages, on two pages: what changes is written on the newer one; every `rememberUs` the
 * older one is thrown away. So each record is remembered at least that long, at most twice as long.
 */
export class MessageRecords {
  #newer = new Map<string, MessageRecord>();
  #older = new Map<string, MessageRecord>();
  #turnedUs: number | undefined;
  readonly #rememberUs: number;

  constructor(rememberUs: number) {
    this.#rememberUs = rememberUs;
  }

  get(id: string): MessageRecord | undefined {
    return this.#newer.get(id) ?? this.#older.get(id);
  }

  put(id: string, record: MessageRecord): void {
    this.#newer.set(id, record);
  }

  /** Turns the page when it is time. */
  turn(nowUs: number): void {
    this.#turnedUs ??= nowUs;
    if (nowUs < this.#turnedUs + this.#rememberUs) return;
    this.#older = nowUs < this.#turnedUs + 2 * this.#rememberUs ? this.#newer : new Map();
    this.#newer = new Map();
    this.#turnedUs = nowUs;
  }

  get size(): number {
    return this.#newer.size + this.#older.size;
  }
}
