import { parseMessage, serializeMessage } from '@huntaze/rate-limiter-client/contract';

/**
 * The body of a message in its next life: what its dead letter carries, so that SQS's own redrive, which keeps bodies as
 * they are, brings back another message than the one that is final (decision 44). Everything else is left as it was
 * written. Where that makes the body too large, it goes without its trace, and then without its time; undefined when it
 * is too large even so.
 */
export function inNextLife(body: string, maxBytes: number): string | undefined {
  const parsed = parseMessage(body);
  if (parsed.kind !== 'message') return undefined;
  const { traceparent: _, tracestate: __, ...shorter } = parsed.message;
  const life = (shorter.life ?? 1) + 1;
  const written = [
    () => withLife(body, life),
    () => serializeMessage({ ...shorter, life }),
    () => serializeMessage({ ...shorter, life, enqueuedAtMs: 0 }),
  ];
  for (const write of written) {
    const text = write();
    if (Buffer.byteLength(text) <= maxBytes) return text;
  }
  return undefined;
}

/** Adds a field to the text of an object; the one that this function has added before makes room for it. */
function withLife(body: string, life: number): string {
  const opened = body.trimEnd().slice(0, -1).trimEnd();
  return `${opened.replace(/,"life":\d{1,16}$/, '')},"life":${life}}`;
}
