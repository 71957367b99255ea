import type {
  BypassError,
  PayloadError,
  QueueRejectedError,
  QueueUnavailableError,
} from '../contract/errors.ts';
import type { Priority } from '../contract/message.ts';

/** What a host hands to `send` and `batch`. */
export interface NewMessage<Payload> {
  /** What the limits apply to, such as an account: 1 to 128 printable ASCII characters without spaces. */
  readonly key: string;
  /**
   * What `deliver` receives, after the schema ran over it on the other side too. JSON data only: without a `payload` schema,
   * declare its shape as a `type`, because TypeScript takes no `interface` for JSON (it may gain other fields).
   */
  readonly payload: Payload;
  /** Within one key, more urgent messages are delivered first. Default: `medium`. */
  readonly priority?: Priority | undefined;
  /**
   * Identity of the message: two with the same key and id are delivered once. Choose it yourself when you
   * may send the message again, for instance after a `QueueUnavailableError`. 1 to 128 printable ASCII
   * characters without spaces. Default: a new UUID.
   */
  readonly id?: string | undefined;
}

/** The result of a message that `send` took. `outcome` says which way it went. */
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

/** The result of one message of a `batch`. */
export type BatchResult =
  | SendResult
  | {
      readonly outcome: 'rejected';
      /** Undefined when the id that came with the message is invalid itself. */
      readonly messageId: string | undefined;
      /** A `QueueUnavailableError` is worth another try with the same id, the others need a change first. */
      readonly error: PayloadError | QueueUnavailableError | QueueRejectedError | BypassError;
    };
