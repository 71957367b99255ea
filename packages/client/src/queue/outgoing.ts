import type { QueueRejectedError, QueueUnavailableError } from '../contract/errors.ts';
import type { ErrorClass } from './known-errors.ts';

/** A message as it leaves the process: its body is written and its size known. */
export interface OutgoingMessage {
  readonly id: string;
  readonly key: string;
  readonly body: string;
  /** Size of `body` in UTF-8 bytes. */
  readonly bytes: number;
  /** Whether its id was made for it, and not given by the host. */
  readonly fresh?: boolean;
}

/** Why a message is not known to be queued. */
export type QueueError = QueueUnavailableError | QueueRejectedError;

/** SQS did not take a message, or did not say so. */
export interface Failed {
  readonly kind: 'failed';
  readonly error: QueueError;
  readonly errorClass: ErrorClass;
  /** Whether the message is known to have been in no request. Default: false. */
  readonly untried?: boolean;
}

/** The outcome of one message of a request. */
export type RequestOutcome = { readonly kind: 'queued' } | Failed;

/** The outcome of a message in the end. `stored`: the fallback store holds it, because of `cause`. */
export type SendOutcome = RequestOutcome | { readonly kind: 'stored'; readonly cause: QueueError };

/** Makes requests to the queue: one call, one request. */
export interface SqsRequests {
  /**
   * Sends messages that fit into one request (see `nextPack`). Never rejects: the failure of a request is the
   * failure of each of its messages.
   * @param signal abandons the request: its messages may be queued or not.
   * @returns one outcome per message, in the order of the messages.
   */
  send(messages: readonly OutgoingMessage[], signal?: AbortSignal): Promise<readonly RequestOutcome[]>;
}

/** Sends messages, with several requests if need be. */
export interface Sender<Outcome extends SendOutcome = SendOutcome> {
  /**
   * Sends messages that fit into one request. Never rejects.
   * @param options `withinMs`: the longest that the call may take; a message without an answer by then may be queued or
   * not. Default: as long as the retries take.
   * @returns one outcome per message, in the order of the messages.
   */
  send(
    messages: readonly OutgoingMessage[],
    options?: { readonly withinMs?: number | undefined },
  ): Promise<readonly Outcome[]>;
}

/** Sends to SQS and nowhere else. */
export type QueueSender = Sender<RequestOutcome>;
