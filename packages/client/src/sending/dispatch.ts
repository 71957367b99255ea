import type { Metrics } from '../contract/index.ts';
import type { Carrier, Fate } from '../transport/transport.ts';
import { zip } from '../transport/zip.ts';
import type { Prepared, Ready, Refused } from './prepare.ts';
import type { BatchResult } from './results.ts';

/** What {@link dispatcher} works with. */
export interface DispatchOptions {
  readonly carrier: Carrier;
  /** See {@link Carrier}. */
  readonly withinMs?: number | undefined;
  readonly metrics: Metrics;
}

/**
 * Hands what is ready of a pack to the carrier, and tells what became of each message, in order. Never rejects.
 */
export function dispatcher({ carrier, withinMs, metrics }: DispatchOptions) {
  return async function dispatch(pack: readonly Prepared[]): Promise<readonly BatchResult[]> {
    const ready = pack.filter((prepared) => prepared.kind === 'ready');
    const messages = ready.map(({ message }) => message);
    const fates = messages.length === 0 ? [] : await carrier.carry(messages, { withinMs });
    const queued = fates.filter(({ kind }) => kind === 'queued').length;
    if (queued > 0) metrics.record('MessagesQueued', queued);
    const fateOf = new Map(zip(ready, fates));
    return pack.map((prepared) =>
      prepared.kind === 'ready' ? settle(prepared, fateOf.get(prepared) as Fate) : refuse(prepared),
    );
  };
}

function settle({ message, span }: Ready, fate: Fate): BatchResult {
  const { id: messageId } = message;
  switch (fate.kind) {
    case 'queued':
      span.end();
      return { outcome: 'queued', messageId };
    case 'stored':
      span.end(fate.cause);
      return { outcome: 'stored', messageId, cause: fate.cause };
    case 'failed':
      span.end(fate.error);
      return { outcome: 'rejected', messageId, error: fate.error };
  }
}

/** The result of a message that was refused before it left. */
export function refuse({ messageId, error }: Refused): BatchResult {
  return { outcome: 'rejected', messageId, error };
}
