import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientStatus } from '@huntaze/rate-limiter-client';
import type { Ledger, LedgerCall } from '@huntaze/testkit';
import type { DemoMessage } from './messages.ts';

export interface Progress {
  readonly messages: readonly DemoMessage[];
  readonly ledger: Ledger;
  readonly status: () => Promise<ClientStatus>;
}

const REFRESH_MS = 100;
/** Ten times what the demo takes: a message that has not arrived by then is lost. */
const GIVE_UP_MS = 100_000;

/** Shows messages arriving until all have, or until the queue is empty without them. */
export async function followProgress(progress: Progress): Promise<void> {
  const { messages, ledger, status } = progress;
  const startedMs = performance.now();
  const show = process.stdout.isTTY ? redrawLine(progress, startedMs) : printArrivals(progress);
  for (;;) {
    show();
    const arrived = ledger.calls.filter(({ accepted }) => accepted).length;
    if (arrived >= messages.length || performance.now() - startedMs > GIVE_UP_MS) break;
    if (isEmpty(await status())) break;
    await sleep(REFRESH_MS);
  }
  show();
  console.log();
}

/** On a terminal: one line, drawn again and again. */
function redrawLine({ messages, ledger }: Progress, startedMs: number): () => void {
  return () => {
    const arrived = ledger.calls.filter(({ accepted }) => accepted).length;
    const bar = '█'.repeat(arrived) + '░'.repeat(Math.max(0, messages.length - arrived));
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    process.stdout.write(`\r${bar} ${arrived} of ${messages.length} delivered, ${seconds} s `);
  };
}

/** Elsewhere: one line per arrival. */
function printArrivals({ ledger }: Progress): () => void {
  let printed = 0;
  return () => {
    for (const call of ledger.calls.slice(printed)) console.log(describe(call, ledger.calls[0] ?? call));
    printed = ledger.calls.length;
  };
}

function describe({ id, atMs, accepted }: LedgerCall, first: LedgerCall): string {
  const seconds = ((atMs - first.atMs) / 1_000).toFixed(2).padStart(6);
  return `${seconds} s  ${id} ${accepted ? 'delivered' : 'refused'}`;
}

function isEmpty({ queue }: ClientStatus): boolean {
  return !('unavailable' in queue) && queue.waiting + queue.hidden + queue.delayed === 0;
}
