import type { BreakerState } from './breaker.ts';

/** The message of an event. */
interface Subject {
  readonly key: string;
  readonly messageId: string;
}

/** What happens in a client beside the results of its calls. No payload content. */
export type ClientEvent =
  /** The breaker changed: `open` after failures in a row, `half-open` with its probe, `closed` when that succeeds. */
  | { readonly kind: 'breaker'; readonly state: BreakerState }
  /** The fallback store holds a message that SQS did not confirm. */
  | (Subject & { readonly kind: 'stored'; readonly reason: string })
  /** A replay took a stored message to SQS. `attempt`: which replay of the message this was, from 1. */
  | (Subject & { readonly kind: 'replayed'; readonly attempt: number })
  /** A replay did not get a stored message to SQS; the next one may from `retryAtMs` on. */
  | (Subject & {
      readonly kind: 'replay-failed';
      readonly attempt: number;
      readonly reason: string;
      readonly retryAtMs: number;
    })
  /** A stored message was given up: it stays in the store for a person to look at. */
  | (Subject & { readonly kind: 'dead'; readonly attempt: number; readonly reason: string });

/** Called with every {@link ClientEvent}, in the middle of the work: be quick. What it throws is ignored. */
export type OnClientEvent = (event: ClientEvent) => void;
