import type { Verdict } from '../limiter.ts';

/** What is known of one message. */
export type MessageRecord = UnfinishedRecord | SettledRecord;

interface Attempted {
  readonly attempt: number;
  readonly position: number;
  /** Whether an earlier claim ran out without an outcome, and nothing was attempted since. */
  readonly takeover: boolean;
  /** How often the upstream asked for silence instead of taking it. */
  readonly throttles: number;
  readonly untilUs: number;
}

type UnfinishedRecord =
  | (Attempted & {
      readonly state: 'claimed';
      readonly token: number;
      readonly cost: number;
      /** From when its slots count once it has ended, at the earliest. */
      readonly stampUs: number;
      /** Which call admitted it. */
      readonly call: number;
    })
  | (Attempted & { readonly state: 'ready' })
  | { readonly state: 'condemned'; readonly token: number; readonly verdict: Verdict };

interface SettledRecord {
  readonly state: 'settled';
  readonly outcome: 'delivered' | 'dead';
}

/**
 * The records of one key's messages. What is finished is remembered for as long as the host wants, what is not for as long
 * as its message can still come back.
 */
export class Records {
  readonly #unfinished: Pages<UnfinishedRecord>;
  readonly #settled: Pages<SettledRecord>;

  constructor(rememberUs: number, unfinishedUs: number) {
    this.#settled = new Pages(rememberUs);
    this.#unfinished = new Pages(unfinishedUs);
  }

  get(id: string, nowUs: number): MessageRecord | undefined {
    return this.#unfinished.get(id, nowUs) ?? this.#settled.get(id, nowUs);
  }

  put(id: string, record: MessageRecord, nowUs: number): void {
    if (record.state === 'settled') {
      this.#unfinished.delete(id);
      this.#settled.put(id, record, nowUs);
    } else this.#unfinished.put(id, record, nowUs);
  }

  /** Whether nothing is remembered any more. */
  isEmpty(nowUs: number): boolean {
    return this.#settled.isEmpty(nowUs) && this.#unfinished.isEmpty(nowUs);
  }
}

/**
 * Two pages: what is put is written on the newer one, which becomes the older one when its time is over. So each entry
 * stays for at least that time, at most twice as long, however often or seldom anything is written.
 */
class Pages<Value> {
  #newer = new Map<string, Value>();
  #older = new Map<string, Value>();
  #number = 0;
  readonly #pageUs: number;

  constructor(pageUs: number) {
    this.#pageUs = pageUs;
  }

  get(id: string, nowUs: number): Value | undefined {
    const turns = this.#turnsUntil(nowUs);
    if (turns > 1) return undefined;
    return this.#newer.get(id) ?? (turns === 1 ? undefined : this.#older.get(id));
  }

  put(id: string, value: Value, nowUs: number): void {
    this.#turn(nowUs);
    this.#newer.set(id, value);
  }

  delete(id: string): void {
    this.#newer.delete(id);
    this.#older.delete(id);
  }

  isEmpty(nowUs: number): boolean {
    this.#turn(nowUs);
    return this.#newer.size + this.#older.size === 0;
  }

  #turnsUntil(nowUs: number): number {
    return Math.max(0, Math.floor(nowUs / this.#pageUs) - this.#number);
  }

  #turn(nowUs: number): void {
    const turns = this.#turnsUntil(nowUs);
    if (turns === 0) return;
    this.#older = turns === 1 ? this.#newer : new Map();
    this.#newer = new Map();
    this.#number += turns;
  }
}
