import type { Claimed } from '../key/grant.ts';
import type { MessageRecord, Records } from '../key/records.ts';
import type { NumberedWaiter } from './coarse-wait-queue.ts';

/** What is kept of one message outside its key's state. */
export interface StoredMessage {
  readonly record?: MessageRecord;
  /** Until when the record says anything. */
  readonly keptUntilUs?: number;
  /** The claim that the record followed on, if one did. */
  readonly afterToken?: number;
  readonly waiter?: NumberedWaiter;
  /** The queue that the waiter stands in. */
  readonly queueNumber?: number;
}

/** For how long messages are remembered. */
export interface Memory {
  readonly rememberUs: number;
  readonly unfinishedUs: number;
}

/**
 * The records of the messages that a question is about, and all claims of the key: those are part of its state, so that a
 * slot is taken and its message claimed in one step.
 */
export class LoadedRecords implements Records {
  readonly #memory: Memory;
  readonly #claims: Map<string, Claimed>;
  readonly #records = new Map<string, { readonly record: MessageRecord; readonly keptUntilUs: number }>();
  readonly #changed = new Map<string, { readonly afterToken: number | undefined }>();

  /** @param tokens of claims that are asked about by whoever holds them: records that followed on them are not known yet. */
  constructor(
    memory: Memory,
    claims: ReadonlyMap<string, Claimed>,
    loaded: ReadonlyMap<string, StoredMessage>,
    tokens: ReadonlyMap<string, number>,
  ) {
    this.#memory = memory;
    this.#claims = new Map(claims);
    for (const [id, { record, afterToken, keptUntilUs = 0 }] of loaded) {
      const claim = this.#claims.get(id);
      // The record was written, the state that forgets the claim was not.
      if (claim && afterToken === claim.token && tokens.get(id) !== claim.token) this.#claims.delete(id);
      if (record) this.#records.set(id, { record, keptUntilUs });
    }
  }

  /** The claims, the oldest first. */
  get claims(): ReadonlyMap<string, Claimed> {
    return this.#claims;
  }

  /** The ids of the messages whose records changed, each with the claim that its record followed on. */
  get changed(): ReadonlyMap<string, { readonly afterToken: number | undefined }> {
    return this.#changed;
  }

  /** What is to be kept of a message outside the state; a claim is part of that. */
  kept(
    id: string,
    nowUs: number,
  ): { readonly record: MessageRecord; readonly keptUntilUs: number } | undefined {
    const kept = this.#records.get(id);
    return kept && nowUs < kept.keptUntilUs ? kept : undefined;
  }

  get(id: string, nowUs: number): MessageRecord | undefined {
    return this.#claims.get(id) ?? this.kept(id, nowUs)?.record;
  }

  put(id: string, record: MessageRecord, nowUs: number): void {
    const afterToken = this.#claims.get(id)?.token;
    this.#claims.delete(id);
    if (record.state === 'claimed' && nowUs < record.untilUs) this.#claims.set(id, record);
    else this.#keep(id, record, nowUs, afterToken);
  }

  /** Claims that ran out leave the state, the oldest first, until it holds no more than `most`. */
  moveOut(most: number, nowUs: number): void {
    for (const [id, claim] of this.#claims) {
      if (this.#claims.size <= most) return;
      if (nowUs < claim.untilUs) continue;
      this.#claims.delete(id);
      this.#keep(id, claim, nowUs, claim.token);
    }
  }

  isEmpty(): boolean {
    return this.#claims.size === 0;
  }

  #keep(id: string, record: MessageRecord, nowUs: number, afterToken: number | undefined): void {
    const { rememberUs, unfinishedUs } = this.#memory;
    const keptUntilUs = nowUs + (record.state === 'settled' ? rememberUs : unfinishedUs);
    this.#records.set(id, { record, keptUntilUs });
    this.#changed.set(id, { afterToken });
  }
}
