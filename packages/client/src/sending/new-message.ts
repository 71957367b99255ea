import type { Priority } from '../contract/index.ts';

/** What a host hands to `send` and `batch`. */
export interface NewMessage<Payload> {
  /** What the limits apply to, such as an account: 1 to 128 printable ASCII characters without spaces. */
  readonly key: string;
  /** What `deliver` receives, after the schema ran over it on the other side too. JSON data only. */
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
