/** A message that SQS did not take, as it waits in a {@link FallbackStore}. */
export interface StoredMessage {
  /** Identity together with `key`, as in `Message`. */
  readonly id: string;
  readonly key: string;
  /** The envelope as SQS would have got it, at most 1 MiB of UTF-8. To a store it is opaque text. */
  readonly body: string;
  /** When it was stored, by the clock of the client that stored it. Replay is oldest first. */
  readonly storedAtMs: number;
  /** What kept it from SQS. Holds no payload content. */
  readonly error: string;
  /**
   * Whether the id was made for this message and this one call of `save`, so that no store can know it and none needs
   * to look. Default: false. A claim need not give it back.
   */
  readonly fresh?: boolean;
}

/** The exclusive right to replay one stored message, until it is settled or its lease ends. */
export interface StoredClaim {
  readonly message: StoredMessage;
  /** Fencing token, opaque: only the newest claim of a message can settle it. */
  readonly token: string;
  /** Which replay of the message this is, from 1. A claim whose lease ran out counts. */
  readonly attempt: number;
}

/** What a failed replay leads to: another one later, or none any more. `error` holds no payload content. */
export type StoredFailure =
  | {
      readonly error: string;
      /**
       * How long until the message is due again, from now on by the store's own time. Below 0: it goes ahead of what
       * became due since then.
       */
      readonly retryAfterMs: number;
      /** The message was in no request, so this claim of it does not count as an attempt. Default: false. */
      readonly untried?: true | undefined;
    }
  | { readonly error: string; readonly dead: true };

/**
 * Where messages go while SQS is unreachable, until a replay takes them to it.
 *
 * Every method throws when the store cannot be reached; then it is unknown whether the call had an effect, and
 * repeating it is safe.
 */
export interface FallbackStore {
  /** Stores all messages or throws. Idempotent by key and id: what is known already stays as it is. */
  save(messages: readonly StoredMessage[]): Promise<void>;
  /**
   * Claims up to `limit` messages that are due, the longest due first, each for `leaseMs`. A message is due since it
   * was stored, from its retry on once it failed, and from the end of its lease when nobody settled it. Two callers
   * never hold the same message: a claim excludes others until its lease ends. Time is the store's own: a host whose
   * clock is wrong hides no message from the others.
   */
  claim(request: { readonly limit: number; readonly leaseMs: number }): Promise<readonly StoredClaim[]>;
  /** SQS has the message: the store may forget it. `false` when the claim is not the newest; nothing was changed. */
  markReplayed(claim: StoredClaim): Promise<boolean>;
  /** The replay failed. `false` when the claim is not the newest; nothing was changed. */
  markFailed(claim: StoredClaim, failure: StoredFailure): Promise<boolean>;
  /** `pending`: to be replayed, claimed ones included. `dead`: given up, kept for a person to look at. */
  counts(): Promise<{ readonly pending: number; readonly dead: number }>;
}
