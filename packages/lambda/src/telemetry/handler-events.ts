/** Which message something happened to. */
interface Subject {
  readonly key: string;
  /** The id in the envelope. */
  readonly messageId: string;
}

/** What happens to messages in the handler, as it happens. Instants by the worker's clock; no payload content. */
export type HandlerEvent =
  /** `takeover`: an earlier claim ran out without an outcome. */
  | (Subject & { readonly kind: 'admitted'; readonly attempt: number; readonly takeover: boolean })
  /** Kept in hand, to be asked about again at its due time. */
  | (Subject & { readonly kind: 'held'; readonly dueAtMs: number })
  /** Hidden in the queue until about then: its due time, its next attempt, the end of a silence, another try in an outage. */
  | (Subject & { readonly kind: 'parked'; readonly dueAtMs: number })
  /** `latencyMs`: since the client accepted it. */
  | (Subject & { readonly kind: 'delivered'; readonly attempt: number; readonly latencyMs: number })
  | (Subject & {
      readonly kind: 'retried';
      readonly attempt: number;
      readonly errorName: string;
      readonly afterMs: number;
    })
  /** The upstream throttled the delivery (`RetryAfterError`): the whole key is held. */
  | (Subject & { readonly kind: 'throttled'; readonly holdMs: number })
  | (Subject & { readonly kind: 'dead'; readonly reason: string; readonly attempts: number })
  /** A body that could not be read, or a cost that fits no limit, became a dead letter; `sqsMessageId` is SQS's own id. */
  | { readonly kind: 'unreadable'; readonly sqsMessageId: string; readonly reason: string }
  /** The limiter reached no decision about so many messages of a key: they are parked, or decided by the local share. */
  | { readonly kind: 'limiter-unavailable'; readonly key: string; readonly messages: number };

/** Hears of every {@link HandlerEvent}. Called in the middle of the work: be quick; what it throws is ignored. */
export type OnEvent = (event: HandlerEvent) => void;
