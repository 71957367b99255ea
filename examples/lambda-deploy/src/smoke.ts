// Sends one real message through a deployment and waits until it has left the queue: `npx pnpm@12 smoke --help`.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRateLimiterClient, type QueueCounts } from '@huntaze/rate-limiter-client';
import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';

const usage = `Sends one real message and waits until it has left the queue and is no dead letter.

  npx pnpm@12 smoke --from FILE --key ACCOUNT --recipient ID

  --from FILE          JSON: terraform output -json client_environment
  --key ACCOUNT        the account that sends
  --recipient ID       who gets it: a test account of yours
  --settle SECONDS     how long the counts of SQS may be behind: default 60
  --timeout SECONDS    default 180: a new cache makes every account wait for one window`;

const { values: given } = parseArgs({
  options: {
    from: { type: 'string' },
    key: { type: 'string' },
    recipient: { type: 'string' },
    settle: { type: 'string', default: '60' },
    timeout: { type: 'string', default: '180' },
    help: { type: 'boolean', default: false },
  },
});

const { from, key, recipient } = given;
if (given.help || from === undefined || key === undefined || recipient === undefined) {
  console.log(usage);
  process.exitCode = given.help ? 0 : 1;
} else {
  process.exitCode = (await smoke(from, key, recipient)) ? 0 : 1;
}

async function smoke(file: string, account: string, recipientId: string): Promise<boolean> {
  const variables = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
  await using client = createRateLimiterClient({
    queueUrl: variables['SQS_RATE_LIMITER_QUEUE'] ?? '',
    deadLetterQueueUrl: variables['SQS_RATE_LIMITER_DLQ'],
    payload: onlyFansMessage,
  });
  const count = async () => {
    const { queue, deadLetters } = await client.status();
    return { inQueue: total(queue), dead: total(deadLetters) };
  };

  const before = await count();
  const startedAtMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedAtMs) / 1_000);
  const { messageId } = await client.send({ key: account, payload: { recipientId, content: 'Smoke test' } });
  console.log(`queued ${messageId}; ${before.inQueue} messages were there before`);
  while (seconds() < Number(given.timeout)) {
    await sleep(1_000);
    const { inQueue, dead } = await count();
    if (dead > before.dead) return say(false, `a dead letter after ${seconds()} s: read its reason`);
    if (inQueue <= before.inQueue && seconds() >= Number(given.settle)) {
      return say(true, `left the queue within ${seconds()} s`);
    }
  }
  return say(false, `still in the queue after ${seconds()} s: see docs/runbook.md, oldest-message`);
}

function total(counts: QueueCounts | { readonly unavailable: string } | null): number {
  if (counts === null) throw new Error('expected a dead-letter queue, found none: set SQS_RATE_LIMITER_DLQ');
  if ('unavailable' in counts)
    throw new Error(`expected the counts of a queue, found: ${counts.unavailable}`);
  return counts.waiting + counts.hidden + counts.delayed;
}

function say(passed: boolean, text: string): boolean {
  console.log(`${passed ? 'passed' : 'FAILED'}: ${text}`);
  return passed;
}
