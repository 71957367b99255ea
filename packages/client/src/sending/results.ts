import type { PayloadError, QueueRejectedError, QueueUnavailableError } from '../contract/index.ts';

/** What became of a message that `send` took. */
export type SendResult = {
  /** SQS holds the message. */
  readonly outcome: 'queued';
  /** Your own id, or the UUID that was given to the message. */
  readonly messageId: string;
};

/** What became of one message of a `batch`. */
export type BatchResult =
  | SendResult
  | {
      readonly outcome: 'rejected';
      /** Undefined when the id that came with the message is invalid itself. */
      readonly messageId: string | undefined;
      /** A `QueueUnavailableError` is worth another try with the same id, the others need a change first. */
      readonly error: PayloadError | QueueUnavailableError | QueueRejectedError;
    };
