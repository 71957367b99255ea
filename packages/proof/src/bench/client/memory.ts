import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRateLimiterClient, type ClientOptions, type Sqs } from '@huntaze/rate-limiter-client';
import { table, whole } from '../report/table.ts';
import { payload } from './payload.ts';

const MESSAGES = 1_000_000;
const SAMPLES = 5;
const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';
const MIB = 1_048_576;

const accepting: Sqs = {
  async send({ input }) {
    const { Entries } = input as { Entries: readonly { Id: string }[] };
    return { Successful: Entries.map(({ Id }) => ({ Id })) };
  },
};
const away: Sqs = { send: () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' })) };

/** Holds nothing: what grows is the client's. */
const counting = {
  save: async () => {},
  claim: async () => [],
  markReplayed: async () => true,
  markFailed: async () => true,
  counts: async () => ({ pending: 0, dead: 0 }),
};

/** What a million messages leave behind while they stream through `batch`. */
export async function measureMemory(): Promise<string> {
  const whileUp = await stream({ sqs: accepting });
  const whileDown = await stream({ sqs: away, fallbackStore: counting });
  return [
    `Heap in use after a collection, in MiB, while ${whole(MESSAGES)} messages stream through one \`batch\`.`,
    '',
    table(
      ['messages', ...whileUp.map(({ sent }) => whole(sent))],
      [
        ['SQS takes them', ...whileUp.map(({ heapMib }) => heapMib.toFixed(1))],
        ['SQS is away, a store takes them', ...whileDown.map(({ heapMib }) => heapMib.toFixed(1))],
      ],
    ),
  ].join('\n');
}

async function stream(options: Pick<ClientOptions, 'sqs' | 'fallbackStore'>) {
  const client = createRateLimiterClient({ queueUrl: QUEUE_URL, ...options });
  const samples: { sent: number; heapMib: number }[] = [];
  let sent = 0;
  for await (const { outcome } of client.batch(source())) {
    if (outcome === 'rejected') throw new Error('expected every message taken, found one rejected');
    sent += 1;
    if (sent % (MESSAGES / SAMPLES) === 0) samples.push({ sent, heapMib: heapInUseMib() });
  }
  await client.close();
  return samples;
}

function* source() {
  for (let index = 0; index < MESSAGES; index++)
    yield { key: `account-${index % 100}`, id: `message-${index}`, payload };
}

function heapInUseMib(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / MIB;
}
