import type { Metrics } from '../contract/index.ts';
import { requestError } from '../transport/diagnosis.ts';
import type { Outcome, Transport } from '../transport/transport.ts';
import { zip } from '../transport/zip.ts';
import type { Prepared, Ready } from './prepare.ts';
import type { BatchResult } from './results.ts';

/**
 * Hands what is ready of a pack to the transport, in one request, and tells what became of each message,
 * in order. Never rejects: the failure of a request is the failure of each of its messages.
 */
export function dispatcher(transport: Transport, metrics: Metrics) {
  return async function dispatch(pack: readonly Prepared[]): Promise<readonly BatchResult[]> {
    const ready = pack.filter((prepared) => prepared.kind === 'ready');
    const outcomes = await carry(transport, ready);
    const queued = outcomes.filter(({ kind }) => kind === 'queued').length;
    if (queued > 0) metrics.record('MessagesQueued', queued);
    const outcomeOf = new Map(zip(ready, outcomes));
    return pack.map((prepared) =>
      prepared.kind === 'ready' ? settle(prepared, outcomeOf.get(prepared) as Outcome) : reject(prepared),
    );
  };
}

async function carry(transport: Transport, ready: readonly Ready[]): Promise<readonly Outcome[]> {
  if (ready.length === 0) return [];
  try {
    return await transport.send(ready.map(({ message }) => message));
  } catch (error) {
    return ready.map(() => ({ kind: 'failed', error: requestError(error) }));
  }
}

function settle({ message, span }: Ready, outcome: Outcome): BatchResult {
  const { id: messageId } = message;
  if (outcome.kind === 'queued') {
    span.end();
    return { outcome: 'queued', messageId };
  }
  span.end(outcome.error);
  return { outcome: 'rejected', messageId, error: outcome.error };
}

function reject({ messageId, error }: Extract<Prepared, { kind: 'refused' }>): BatchResult {
  return { outcome: 'rejected', messageId, error };
}
