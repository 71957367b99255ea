/** How a key stands, for operators and status pages. Instants are by this process's clock. */
export interface KeyInspection {
  /** Messages with a position in the queue. */
  readonly waiting: number;
  /** Deliveries in flight. */
  readonly delivering: number;
  /** Admissions that fit now, under the limits that the key was last asked about with; undefined when it never was. */
  readonly slotsFree: number | undefined;
  /** When the last in the queue may expect its slot; undefined when nobody waits. */
  readonly lastDueAtMs: number | undefined;
  /** Until when an upstream's silence holds the key; undefined when none does. */
  readonly heldUntilMs: number | undefined;
  readonly paused: boolean;
}

/**
 * Where one message stands. `unknown`: never asked about, or forgotten after `rememberMs`. `attempts`: how many were made,
 * those included whose outcome is not known. `condemned`: never to be delivered, its dead letter is yet to be sent.
 */
export type MessageState =
  | {
      readonly state: 'waiting';
      readonly attempts: number;
      readonly position: number;
      readonly dueAtMs: number;
    }
  | { readonly state: 'delivering'; readonly attempt: number; readonly leaseUntilMs: number }
  | { readonly state: 'retrying'; readonly attempts: number; readonly retryAtMs: number }
  | { readonly state: 'condemned'; readonly attempts: number }
  | { readonly state: 'delivered' | 'dead' | 'unknown' };

/** Which key an operator means. */
export interface OfQueue {
  /**
   * The queue that its messages come from, by URL or ARN, or by the name that requests give it. Needed where the limiter
   * names no upstream, since there each queue has a budget of its own: without it, a key that no queue feeds is meant.
   */
  readonly queueUrl?: string | undefined;
}

/** Which message an operator means: the queue is always needed where a handler asks about it. */
export interface OfMessage extends OfQueue {
  /** Which life of it, as its dead letter says. Default 1. */
  readonly life?: number | undefined;
}

/**
 * What operators ask of a limiter. Every method throws `LimiterUnavailableError` when it has no answer, and
 * `ConfigurationError` when what is meant is not said: an unknown option, or, of a limiter that names an upstream, a
 * message without its queue.
 */
export interface LimiterOperations {
  inspect(key: string, of?: OfQueue): Promise<KeyInspection>;
  find(key: string, messageId: string, of?: OfMessage): Promise<MessageState>;
  /** Admits nothing of the key until {@link resume}, at most 31 days. Its messages come back every few minutes to ask. */
  pause(key: string, of?: OfQueue): Promise<void>;
  /** Ends a pause. Messages that were parked meanwhile come back within {@link PAUSE_HOLD_MS} or their due time. */
  resume(key: string, of?: OfQueue): Promise<void>;
  /**
   * Makes a message final, so that it is acknowledged without being delivered when it comes back.
   * `false` when it is final already or is being delivered. Remembered for `rememberMs`.
   */
  cancel(key: string, messageId: string, of?: OfMessage): Promise<boolean>;
}

/** The same of a limiter that names an upstream: it serves several queues, so a message is known by its queue there. */
export interface UpstreamOperations extends LimiterOperations {
  find(key: string, messageId: string, of: OfMessage & { readonly queueUrl: string }): Promise<MessageState>;
  cancel(key: string, messageId: string, of: OfMessage & { readonly queueUrl: string }): Promise<boolean>;
}

/** How long a paused key is held with every question. */
export const PAUSE_HOLD_MS = 5 * 60_000;

/** How long a pause lasts that nobody ends. */
export const PAUSE_MEMORY_MS = 31 * 24 * 3_600_000;
