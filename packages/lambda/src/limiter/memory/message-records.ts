/** What is known of one message. */
export type MessageRecord =
  | {
      readonly state: 'claimed';
      readonly token: number;
      readonly attempt: number;
      readonly place: number;
      readonly takeover: boolean;
      readonly untilUs: number;
    }
  | {
      readonly state: 'ready';
      readonly attempt: number;
      readonly place: number;
      /** Whether an earlier claim ran out without an outcome, and nothing was attempted since. */
      readonly takeover: boolean;
      readonly untilUs: number;
    }
  | { readonly state: 'settled'; readonly outcome: 'delivered' | 'dead' };

/** The records of one key's messages, each kept for a while after it last changed. */
export class MessageRecords {
  /** In the order in which they expire. */
  readonly #records = new Map<string, { readonly record: MessageRecord; readonly expiresUs: number }>();
  readonly #rememberUs: number;

  constructor(rememberUs: number) {
    this.#rememberUs = rememberUs;
  }

  get(id: string, nowUs: number): MessageRecord | undefined {
    const entry = this.#records.get(id);
    return entry && nowUs < entry.expiresUs ? entry.record : undefined;
  }

  /** Puts the record last, as the one that expires last. */
  put(id: string, record: MessageRecord, nowUs: number): void {
    this.#records.delete(id);
    this.#records.set(id, { record, expiresUs: nowUs + this.#rememberUs });
  }

  /** Drops what was kept long enough. */
  expire(nowUs: number): void {
    for (const [id, { expiresUs }] of this.#records) {
      if (expiresUs > nowUs) return;
      this.#records.delete(id);
    }
  }

  get size(): number {
    return this.#records.size;
  }
}
