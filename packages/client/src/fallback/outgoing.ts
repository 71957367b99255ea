import type { StoredClaim } from '../contract/index.ts';
import type { OutgoingMessage } from '../transport/transport.ts';

/** A claimed message on its way. */
export interface Outgoing {
  readonly claim: StoredClaim;
  readonly message: OutgoingMessage;
  readonly bytes: number;
}

/** The stored message as it would have been sent at first. */
export function toOutgoing(claim: StoredClaim): Outgoing {
  const { id, key, body } = claim.message;
  const bytes = Buffer.byteLength(body);
  return { claim, message: { id, key, body, bytes }, bytes };
}
