import {
  BypassError,
  parseMessage,
  validatePayload,
  type Message,
  type PayloadSchema,
  type PayloadWords,
} from '../contract/index.ts';
import type { OutgoingMessage } from '../queue/outgoing.ts';

/** The host's own direct sender. */
export type Bypass = (message: Message<never>) => unknown;

/** The outcome of a message that went past the queue. */
export type BypassOutcome =
  | { readonly kind: 'bypassed' }
  | { readonly kind: 'failed'; readonly error: BypassError };

/**
 * Passes messages to the host's own sender, each as `deliver` would get it: read from its body, its payload through
 * the schema. So one function can serve as both. Without it no message gets here.
 */
export function openBypass(schema: PayloadSchema, words: PayloadWords, bypass?: Bypass) {
  return async function sendViaBypass({ id, body }: OutgoingMessage): Promise<BypassOutcome> {
    try {
      if (!bypass)
        throw new TypeError(
          'expected every message to be queued, found one to bypass the queue without a bypass',
        );
      const parsed = parseMessage(body);
      if (parsed.kind !== 'message') throw new TypeError(parsed.detail);
      const payload = await validatePayload(schema, parsed.message.payload, words);
      await bypass({ ...parsed.message, payload: payload as never });
      return { kind: 'bypassed' };
    } catch (error) {
      return { kind: 'failed', error: new BypassError(id, error) };
    }
  };
}
