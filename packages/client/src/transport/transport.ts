import type { QueueRejectedError, QueueUnavailableError } from '../contract/index.ts';

/** A message as it leaves the process: its body is written and its size known. */
export interface OutgoingMessage {
  readonly id: string;
  readonly key: string;
  readonly body: string;
  /** Size of `body` in UTF-8 bytes. */
  readonly bytes: number;
}

/** What became of one message of a request. `error.retryable` says whether sending it again may help. */
export type Outcome =
  | { readonly kind: 'queued' }
  | { readonly kind: 'failed'; readonly error: QueueUnavailableError | QueueRejectedError };

/** Carries messages to the queue. A policy, such as a retry or a breaker, is a transport around a transport. */
export interface Transport {
  /**
   * Makes one request of messages that fit into one (see `nextPack`).
   * @returns one outcome per message, in the order of the messages.
   * @throws {QueueUnavailableError} when the request failed as a whole and may succeed later.
   * @throws {QueueRejectedError} when the request failed as a whole and a retry does not help.
   */
  send(messages: readonly OutgoingMessage[]): Promise<readonly Outcome[]>;
}
