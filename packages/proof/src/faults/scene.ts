import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { parseMessage } from '@huntaze/rate-limiter-client/contract';
import type { DeliveryMode } from '@huntaze/rate-limiter-lambda';
import {
  certainWindow,
  startSqs,
  startUpstream,
  until,
  type LedgerCall,
  type SqsServer,
  type TestQueue,
  type Upstream,
} from '@huntaze/testkit';
import { sharedMs } from './late-watch.ts';
import { LIMIT, WINDOW_MS, type Sighting, type Verdict } from './verdicts.ts';

/** Where a fault strikes: a backlog of one account in a real queue, and the upstream that counts what arrives. */
export interface Scene {
  readonly sqs: SqsServer;
  readonly queue: TestQueue;
  readonly upstream: Upstream;
  readonly delivery: DeliveryMode;
  /** Sends further messages of the account, which go before those that wait. */
  sendUrgent(messages: number): Promise<void>;
  /** Resolves when so many calls have arrived upstream. */
  calls(count: number): Promise<void>;
  /** Resolves when the queue is empty: every message is final. */
  drained(): Promise<void>;
  /** Messages that were set aside. */
  deadLetters(): Promise<readonly DeadLetter[]>;
  judge(fault: Fault): Promise<Verdict>;
  stop(): Promise<void>;
}

/** What may happen to a message whose delivery has an unknown outcome. */
export const modes = ['at-least-once', 'at-most-once'] as const satisfies readonly DeliveryMode[];

interface DeadLetter {
  readonly id: string;
  readonly reason: string;
}

/** What was done to a scene. */
export interface Fault {
  readonly where: string;
  readonly name: string;
  readonly injected: number;
  readonly seen: Sighting;
  /** How many duplicates are allowed at least once: crashes between a call and its record. Default 0. */
  readonly duplicatesAllowed?: number;
  /** Messages that may be set aside as `uncertain` at most once: those whose deliveries were cut off. Default none. */
  readonly cutOff?: ReadonlySet<string>;
  /**
   * Messages that a process was too late with, because the machine was busy, and from when on: they may be called again
   * or set aside, and a call that arrives later than that may find its place taken. Default none.
   */
  readonly late?: ReadonlyMap<string, number>;
  /** Calls that do not count against the limit, such as those of a frozen process that resumed inside of its call. */
  readonly apart?: ReadonlySet<LedgerCall>;
}

/** What only the doing of a fault can tell of it. */
export type Strike = Omit<Fault, 'where' | 'name'>;

export interface SceneOptions {
  readonly messages: number;
  /** Default at least once. */
  readonly delivery?: DeliveryMode;
  /** How long a received message stays hidden when its worker dies. Default 5. */
  readonly visibilitySeconds?: number;
  /** How long the upstream takes for an answer. Default 0. */
  readonly latencyMs?: number;
}

/** Opens a scene. Nobody works on it yet. */
export async function openScene({
  messages,
  delivery = 'at-least-once',
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
  const deadLetters = () => deadLettersOf(sqs, queue);
  const owned = stack.move();
  return {
    sqs,
    queue,
    upstream,
    delivery,
    sendUrgent: (count) => send(count, 'high'),
    calls: async (count) =>
      void (await until(`${count} calls upstream`, () => ledger.calls.length >= count, { everyMs: 5 })),
    drained: async () =>
      void (await until(
        'an empty queue',
        async () => {
          const { waiting, hidden, delayed } = await sqs.counts(queue.queueUrl);
          return waiting + hidden + delayed === 0;
        },
        { everyMs: 50 },
      )),
    deadLetters,
    judge: async (fault) => judge(fault, delivery, sent, ledger.calls, await deadLetters()),
    stop: () => owned.disposeAsync(),
  };
}

function judge(
  fault: Fault,
  delivery: DeliveryMode,
  messages: number,
  calls: readonly LedgerCall[],
  letters: readonly DeadLetter[],
): Verdict {
  const { where, name, injected, seen, duplicatesAllowed = 0 } = fault;
  const { cutOff = new Set(), late = new Map<string, number>(), apart = new Set() } = fault;
  const once = delivery === 'at-most-once';
  const callsById = Map.groupBy(calls, ({ id }) => id);
  // A worker that dies after it has sent a letter makes another one send it again.
  const setAside = new Map(letters.map(({ id, reason }) => [id, reason]));
  const uncertain = [...setAside].flatMap(([id, reason]) => (once && reason === 'uncertain' ? [id] : []));
  const uncertainCutOff = uncertain.filter((id) => cutOff.has(id)).length;
  const uncertainLate = uncertain.filter((id) => late.has(id) && !cutOff.has(id)).length;
  // Each time that a process is too late with a message counts as an attempt.
  const exhaustedLate = [...setAside].filter(
    ([id, reason]) => reason === 'attempts-exhausted' && late.has(id),
  ).length;
  // The first repetition of what was cut off is the fault's.
  const repetitionsOf = (id: string) => (callsById.get(id)?.length ?? 1) - (cutOff.has(id) ? 2 : 1);
  const repeatedLate = once
    ? 0
    : [...late.keys()].reduce((sum, id) => sum + Math.max(0, repetitionsOf(id)), 0);
  const isLate = ({ id, atMs }: LedgerCall) => sharedMs(atMs) >= (late.get(id) ?? Infinity);
  const counted = calls.filter((call) => !apart.has(call) && !isLate(call));
  return {
    where,
    fault: name,
    delivery,
    injected,
    seen,
    messages,
    lost: messages - new Set([...callsById.keys(), ...setAside.keys()]).size,
    uncertain: uncertainCutOff,
    uncertainAllowed: once ? cutOff.size : 0,
    missing: once ? cutOff.size - uncertainCutOff : 0,
    deadLetters: setAside.size - uncertainCutOff - uncertainLate - exhaustedLate,
    duplicates: calls.length - callsById.size - repeatedLate,
    duplicatesAllowed: once ? 0 : duplicatesAllowed,
    late: uncertainLate + exhaustedLate + repeatedLate,
    worstWindow: certainWindow(
      counted.map(({ atMs, sentAtMs = atMs }) => ({ atMs, sentAtMs })),
      WINDOW_MS,
    ),
    apart: apart.size,
  };
}

async function deadLettersOf(sqs: SqsServer, { deadLetterQueueUrl }: TestQueue): Promise<DeadLetter[]> {
  const letters = await sqs.readAll(deadLetterQueueUrl);
  return letters.map(({ body, attributes }) => {
    const parsed = parseMessage(body);
    if (parsed.kind !== 'message') throw new Error(`expected the body of a message, found ${body}`);
    return { id: parsed.message.id, reason: attributes['reason'] ?? 'none' };
  });
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
