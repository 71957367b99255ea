import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import {
  startSqs,
  startUpstream,
  until,
  worstWindow,
  type LedgerCall,
  type SqsServer,
  type TestQueue,
  type Upstream,
} from '@huntaze/testkit';

/** The limit under which every fault is survived: small windows, so that a fault covers many. */
export const LIMIT = 10;
export const WINDOW_MS = 500;

/** Where a fault strikes: a backlog of one account in a real queue, and the upstream that counts what arrives. */
export interface Scene {
  readonly sqs: SqsServer;
  readonly queue: TestQueue;
  readonly upstream: Upstream;
  /** Sends further messages of the account, which go before those that wait. */
  sendUrgent(messages: number): Promise<void>;
  /** Resolves when so many calls have arrived upstream. */
  calls(count: number): Promise<void>;
  /** Resolves when the queue is empty: every message is final. */
  drained(timeoutMs?: number): Promise<void>;
  judge(fault: Fault): Promise<Verdict>;
  stop(): Promise<void>;
}

export interface Fault {
  readonly name: string;
  readonly injected: number;
  /** How many duplicates the guarantee allows: crashes between a call and its record. Default 0. */
  readonly duplicatesAllowed?: number;
  /** Calls that do not count against the limit, such as those of a frozen process that resumed inside of its call. */
  readonly apart?: ReadonlySet<LedgerCall>;
}

/** What came of a fault, as the queues and the upstream saw it. */
export interface Verdict {
  readonly fault: string;
  readonly injected: number;
  readonly messages: number;
  /** Neither accepted upstream nor a dead letter. */
  readonly lost: number;
  readonly deadLetters: number;
  /** Accepted calls beyond the first of a message. */
  readonly duplicates: number;
  readonly duplicatesAllowed: number;
  readonly worstWindow: number;
  readonly apart: number;
}

export interface SceneOptions {
  readonly messages: number;
  /** How long a received message stays hidden when its worker dies. Default 5. */
  readonly visibilitySeconds?: number;
  /** How long the upstream takes for an answer. Default 0. */
  readonly latencyMs?: number;
}

/** Opens a scene. Nobody works on it yet. */
export async function openScene({
  messages,
  visibilitySeconds = 5,
  latencyMs = 0,
}: SceneOptions): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const sqs = await startSqs();
  stack.defer(() => sqs.stop());
  const upstream = await startUpstream({ limit: LIMIT, windowMs: WINDOW_MS, enforce: false, latencyMs });
  stack.defer(() => upstream.stop());
  const queue = await sqs.createQueue({ name: 'faults', visibilitySeconds, maxReceiveCount: 1_000 });
  let sent = 0;
  const send = async (count: number, priority: 'high' | 'medium') => {
    const from = sent;
    sent += count;
    await sendMessages({ from, count, priority }, queue, sqs);
  };
  await send(messages, 'medium');
  const { ledger } = upstream;
  const owned = stack.move();
  return {
    sqs,
    queue,
    upstream,
    sendUrgent: (count) => send(count, 'high'),
    calls: async (count) =>
      void (await until(`${count} calls upstream`, () => ledger.calls.length >= count, {
        timeoutMs: 20_000,
        everyMs: 5,
      })),
    drained: async (timeoutMs = 25_000) =>
      void (await until(
        'an empty queue',
        async () => {
          const { waiting, hidden, delayed } = await sqs.counts(queue.queueUrl);
          return waiting + hidden + delayed === 0;
        },
        { timeoutMs, everyMs: 50 },
      )),
    judge: async (fault) => judge(fault, sent, ledger.calls, await deadLettersOf(sqs, queue)),
    stop: () => owned.disposeAsync(),
  };
}

function judge(
  { name, injected, duplicatesAllowed = 0, apart = new Set() }: Fault,
  messages: number,
  calls: readonly LedgerCall[],
  deadLetters: number,
): Verdict {
  const delivered = new Set(calls.map(({ id }) => id)).size;
  const counted = calls.filter((call) => !apart.has(call)).map(({ atMs }) => atMs);
  return {
    fault: name,
    injected,
    messages,
    lost: messages - delivered - deadLetters,
    deadLetters,
    duplicates: calls.length - delivered,
    duplicatesAllowed,
    worstWindow: worstWindow(counted, WINDOW_MS),
    apart: apart.size,
  };
}

async function deadLettersOf(sqs: SqsServer, { deadLetterQueueUrl }: TestQueue): Promise<number> {
  return (await sqs.readAll(deadLetterQueueUrl)).length;
}

interface Shipment {
  /** Number of the first message. */
  readonly from: number;
  readonly count: number;
  readonly priority: 'high' | 'medium';
}

async function sendMessages(
  { from, count, priority }: Shipment,
  { queueUrl }: TestQueue,
  sqs: SqsServer,
): Promise<void> {
  const client = createRateLimiterClient({ queueUrl, sqs: sqs.client });
  const results = await client.batch(
    Array.from({ length: count }, (_, index) => ({
      key: 'account-1',
      priority,
      id: `message-${from + index}`,
      payload: { index },
    })),
  );
  const refused = results.filter(({ outcome }) => outcome !== 'queued').length;
  if (refused > 0) throw new Error(`expected all ${count} messages queued, found ${refused} refused`);
  await client.close();
}
