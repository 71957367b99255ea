import type { Metrics } from '../contract/index.ts';
import type { OutgoingMessage, Sender, SendOutcome } from '../queue/outgoing.ts';
import type { BypassOutcome } from './bypass.ts';
import type { BatchResult } from './messages.ts';
import type { Direct, Prepared, Ready } from './prepare.ts';

interface DispatchOptions {
  readonly sender: Sender;
  sendViaBypass(message: OutgoingMessage): Promise<BypassOutcome>;
  readonly metrics: Metrics;
}

/**
 * Sends every message of a pack its way: those for the queue together, those for the host's own sender one after the
 * other. Never rejects.
 * @returns one result per message, in their order.
 */
export function dispatcher({ sender, sendViaBypass, metrics }: DispatchOptions) {
  async function queue(ready: readonly Ready[]): Promise<readonly BatchResult[]> {
    if (ready.length === 0) return [];
    return queueResults(ready, await sender.send(ready.map(({ message }) => message)), metrics);
  }

  async function bypass(direct: readonly Direct[]): Promise<readonly BatchResult[]> {
    const results: BatchResult[] = [];
    for (const prepared of direct) {
      const outcome = await sendViaBypass(prepared.message);
      if (outcome.kind === 'bypassed') metrics.record('MessagesBypassed', 1);
      results.push(resultOf(prepared, outcome));
    }
    return results;
  }

  return async function dispatch(pack: readonly Prepared[]): Promise<readonly BatchResult[]> {
    const ready = pack.filter((prepared) => prepared.kind === 'ready');
    if (ready.length === pack.length) return await queue(ready);
    const direct = pack.filter((prepared) => prepared.kind === 'direct');
    const [queued, bypassed] = await Promise.all([queue(ready), bypass(direct)]);
    const results = { ready: queued.values(), direct: bypassed.values() };
    return pack.map((prepared) => {
      if (prepared.kind !== 'refused') return results[prepared.kind].next().value as BatchResult;
      const { messageId, error } = prepared;
      return { outcome: 'rejected', messageId, error };
    });
  };
}

/** The results of messages that were sent together, in their order. Counts those that are queued, and ends their spans. */
export function queueResults(
  ready: readonly Ready[],
  outcomes: readonly SendOutcome[],
  metrics: Metrics,
): readonly BatchResult[] {
  const queued = outcomes.filter(({ kind }) => kind === 'queued').length;
  if (queued > 0) metrics.record('MessagesQueued', queued);
  return ready.map((prepared, index) => resultOf(prepared, outcomes[index] as SendOutcome));
}

function resultOf({ message, span }: Ready | Direct, outcome: SendOutcome | BypassOutcome): BatchResult {
  const { id: messageId } = message;
  switch (outcome.kind) {
    case 'queued':
    case 'bypassed':
      span.end();
      return { outcome: outcome.kind, messageId };
    case 'stored':
      span.end(outcome.cause);
      return { outcome: 'stored', messageId, cause: outcome.cause };
    case 'failed':
      span.end(outcome.error);
      return { outcome: 'rejected', messageId, error: outcome.error };
  }
}
