/** Where a message stands, as the page tells it. */
export type Standing =
  /** On its way to the server. */
  | { readonly state: 'sending' }
  /** In the queue; nobody has looked at it yet. */
  | { readonly state: 'queued' }
  /** In the fallback store, because the queue could not be reached. */
  | { readonly state: 'stored' }
  /** Sent directly, past the queue. */
  | { readonly state: 'bypassed' }
  | { readonly state: 'waiting'; readonly position: number; readonly dueAtMs: number }
  | { readonly state: 'delivering' }
  | { readonly state: 'retrying'; readonly retryAtMs: number }
  | { readonly state: 'delivered' }
  /** Never to be delivered; its dead letter is yet to be sent. */
  | { readonly state: 'condemned' }
  | { readonly state: 'dead' }
  /** The server did not take it. */
  | { readonly state: 'refused'; readonly problem: string };

/** A message of this browser. */
export interface SentMessage {
  readonly id: string;
  readonly recipientId: string;
  readonly content: string;
  readonly priority: 'high' | 'medium' | 'low';
  readonly standing: Standing;
}

/** What the status route says of one message. `null`: it knows nothing of it. */
export type Found =
  | Exclude<Standing, { state: 'sending' | 'refused' }>
  | { readonly state: 'unknown' }
  | null;

/** Whether a message may still change. */
export function isOpen({ standing }: SentMessage): boolean {
  return !['sending', 'bypassed', 'delivered', 'dead', 'refused'].includes(standing.state);
}

/** What is known of a message after the status route has spoken. */
export function follow(message: SentMessage, found: Found | { unavailable: true } | undefined): SentMessage {
  if (!found || 'unavailable' in found || found.state === 'unknown') return message;
  return { ...message, standing: found };
}
