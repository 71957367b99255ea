import type {
  BypassError,
  PayloadError,
  QueueRejectedError,
  QueueUnavailableError,
} from '../contract/index.ts';

/** What became of a message that `send` took, told apart by `outcome`: which way it went. */
export type SendResult =
  | {
      /** SQS holds the message. */
      readonly outcome: 'queued';
      /** Your own id, or the UUID that was given to the message. */
      readonly messageId: string;
    }
  | {
      /** SQS did not confirm the message, the fallback store holds it: a replay takes it to SQS. */
      readonly outcome: 'stored';
      readonly messageId: string;
      /** What kept it from SQS. */
      readonly cause: QueueUnavailableError | QueueRejectedError;
    }
  | {
      /** Your own `bypass` sent it, because the flag or the rollout says so. */
      readonly outcome: 'bypassed';
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
      readonly error: PayloadError | QueueUnavailableError | QueueRejectedError | BypassError;
    };
