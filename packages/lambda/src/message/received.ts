import type { Message } from '@huntaze/rate-limiter-client/contract';
import type { AdmissionPolicy } from './admission-policy.ts';
import type { SqsRecord } from './event.ts';

/** A message of a batch. It has several records when SQS, or a client that repeated itself, delivered it twice. */
export interface ReceivedMessage<Payload = unknown> {
  readonly kind: 'message';
  readonly message: Message<Payload>;
  readonly policy: AdmissionPolicy;
  readonly records: readonly [SqsRecord, ...SqsRecord[]];
}

/** Why no deployment of this handler could deliver a body. */
export type UnreadableReason = 'malformed-body' | 'unknown-version' | 'invalid-payload' | 'invalid-cost';

/** A record that becomes a dead letter. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly records: readonly [SqsRecord];
  readonly reason: UnreadableReason;
  /** The expected and the found form, without content. */
  readonly detail: string;
}

/** A record that stays in its queue: its schema did not answer in time, or its limits are unknown. */
export interface Undecided {
  readonly kind: 'undecided';
  readonly records: readonly [SqsRecord];
  readonly cause: string;
}

/** A record, or the records of one message, after reading. */
export type Received<Payload = unknown> = ReceivedMessage<Payload> | Unreadable | Undecided;
