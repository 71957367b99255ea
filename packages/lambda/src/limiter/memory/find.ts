import type { ToMs } from '../clock-domains.ts';
import type { MessageState } from '../operations.ts';
import type { Records } from './records.ts';
import { claimedBefore, type WaitQueue } from './wait-queue.ts';

/** The state of one message. */
export function find(
  id: string,
  {
    records,
    queue,
    agingUs,
  }: { readonly records: Records; readonly queue: WaitQueue; readonly agingUs: number },
  nowUs: number,
  toMs: ToMs,
): MessageState {
  const record = records.get(id, nowUs);
  if (record?.state === 'settled') return { state: record.outcome };
  if (record?.state === 'condemned') return { state: 'condemned', attempts: record.verdict.attempts };
  if (record?.state === 'claimed' && nowUs < record.untilUs) {
    return { state: 'delivering', attempt: record.attempt, leaseUntilMs: toMs(record.untilUs) };
  }
  const waiter = queue.find(id);
  if (waiter) {
    const position = claimedBefore(queue, waiter.position, agingUs);
    return { state: 'waiting', attempts: record?.attempt ?? 0, position, dueAtMs: toMs(waiter.dueUs) };
  }
  if (record) return { state: 'retrying', attempts: record.attempt, retryAtMs: toMs(record.untilUs) };
  return { state: 'unknown' };
}
