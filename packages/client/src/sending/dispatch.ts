import type { Metrics } from '../contract/index.ts';
import type { Carrier, Fate, OutgoingMessage } from '../transport/transport.ts';
import type { DirectFate } from './direct.ts';
import type { Direct, Prepared, Ready, Refused } from './prepare.ts';
import type { BatchResult } from './results.ts';

/** What {@link dispatcher} works with. */
export interface DispatchOptions {
  readonly carrier: Carrier;
  /** See {@link Carrier}. */
  readonly withinMs?: number | undefined;
  sendDirectly(message: OutgoingMessage): Promise<DirectFate>;
  readonly metrics: Metrics;
}

/**
 * Lets every message of a pack go its way, those for the queue together, those for the host's own sender one after
 * the other, and tells what became of each, in order. Never rejects.
 */
export function dispatcher({ carrier, withinMs, sendDirectly, metrics }: DispatchOptions) {
  async function queue(ready: readonly Ready[]): Promise<readonly BatchResult[]> {
    if (ready.length === 0) return [];
    const fates = await carrier.carry(
      ready.map(({ message }) => message),
      { withinMs },
    );
    const queued = fates.filter(({ kind }) => kind === 'queued').length;
    if (queued > 0) metrics.record('MessagesQueued', queued);
    return ready.map((prepared, index) => settle(prepared, fates[index] as Fate));
  }

  async function bypass(direct: readonly Direct[]): Promise<readonly BatchResult[]> {
    const results: BatchResult[] = [];
    for (const prepared of direct) {
      const fate = await sendDirectly(prepared.message);
      if (fate.kind === 'bypassed') metrics.record('MessagesBypassed', 1);
      results.push(settle(prepared, fate));
    }
    return results;
  }

  return async function dispatch(pack: readonly Prepared[]): Promise<readonly BatchResult[]> {
    const ready = pack.filter((prepared) => prepared.kind === 'ready');
    if (ready.length === pack.length) return await queue(ready);
    const direct = pack.filter((prepared) => prepared.kind === 'direct');
    const [queued, bypassed] = await Promise.all([queue(ready), bypass(direct)]);
    const results = { ready: queued.values(), direct: bypassed.values() };
    return pack.map((prepared) =>
      prepared.kind === 'refused' ? refuse(prepared) : (results[prepared.kind].next().value as BatchResult),
    );
  };
}

function settle({ message, span }: Ready | Direct, fate: Fate | DirectFate): BatchResult {
  const { id: messageId } = message;
  switch (fate.kind) {
    case 'queued':
    case 'bypassed':
      span.end();
      return { outcome: fate.kind, messageId };
    case 'stored':
      span.end(fate.cause);
      return { outcome: 'stored', messageId, cause: fate.cause };
    case 'failed':
      span.end(fate.error);
      return { outcome: 'rejected', messageId, error: fate.error };
  }
}

/** The result of a message that was refused before it left. */
function refuse({ messageId, error }: Refused): BatchResult {
  return { outcome: 'rejected', messageId, error };
}
