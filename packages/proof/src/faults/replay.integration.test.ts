import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sharedService, startSqs, type SqsServer, type TestQueue } from '@huntaze/testkit';
import { parseMessage, serializeMessage } from '@huntaze/rate-limiter-client/contract';
import type { ReplayResult } from '@huntaze/rate-limiter-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keep } from './kept-verdicts.ts';
import type { Verdict } from './verdicts.ts';
import { dynamoPlace, openStore, postgresPlace, type TestPlace } from './replay-stores.ts';
import type { ReplayPoint, ReplayTask } from './replaying-process.ts';
import type { Throttling } from './throttled-dynamo.ts';

const MESSAGES = 60;
const messages = Array.from({ length: MESSAGES }, (_, index) => ({
  id: `m-${index}`,
  key: `account-${index % 3}`,
  body: serializeMessage({
    id: `m-${index}`,
    key: `account-${index % 3}`,
    priority: 'medium',
    payload: index,
    enqueuedAtMs: 1_700_000_000_000,
  }),
  storedAtMs: 1_700_000_000_000 + index,
  error: 'SQS did not answer',
}));

let test: TestPlace;
let opened: ReturnType<typeof openStore>;
let sqs: SqsServer;
let queue: TestQueue;
let queues = 0;

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.stop());

/** Stores the messages in a place of each test's own. */
function storeIn(makePlace: () => Promise<TestPlace>) {
  beforeEach(async () => {
    test = await makePlace();
    opened = openStore(test.place);
    queue = await sqs.createQueue({ name: `replay-${queues++}`, visibilitySeconds: 30 });
    await opened.store.save(messages);
  });
  afterEach(async () => {
    await opened.close();
    await test.close();
  });
}

/** Runs a replay in a process of its own, to its end or its fate. */
async function replay(fate?: ReplayTask['fate']) {
  const task: ReplayTask = {
    place: test.place,
    sqsEndpoint: sqs.endpoint,
    sqsRegion: sqs.region,
    queueUrl: queue.queueUrl,
    ...(fate && { fate }),
  };
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(
    process.execPath,
    [
      '--conditions=@huntaze/source',
      '--import',
      path('../sim/source.ts'),
      path('./replaying-process.ts'),
      JSON.stringify(task),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { signal, result: printed === '' ? undefined : (JSON.parse(printed) as ReplayResult) };
}

/** As a host does, which replays again after a while where the store had no time for it. */
async function replayUntilDrained() {
  const ends = [await replay()];
  while (ends.at(-1)!.result?.ended === 'store-unavailable') ends.push(await replay());
  return ends;
}

/** The last request of a process that was killed may be carried out late: its leases end one turn later. */
async function replayTheRest() {
  for (let turn = 1; ; turn++) {
    await test.leasesEnd();
    const { result } = await replay();
    if (turn === 3 || result?.remaining === 0) return result;
  }
}

const inQueue = async () => {
  const bodies = (await sqs.readAll(queue.queueUrl)).map(({ body }) => body);
  const known = new Map(messages.map(({ body }) => [body, 0]));
  for (const body of bodies) known.set(body, (known.get(body) ?? 0) + 1);
  return known;
};

/** Claims and requests under way hold at most as many messages as four lanes of ten. */
const MOST_IN_HAND = 40;

const places = [
  ['PostgreSQL', async () => postgresPlace(await sharedService('postgres'))],
  ['DynamoDB', async () => dynamoPlace(await sharedService('dynamo'))],
] as const;

/** Keeps what came of a fault. What is in the queue twice counts as a duplicate, though it is delivered once. */
async function keepReplay(
  fault: Pick<Verdict, 'fault' | 'injected' | 'seen'>,
  sent: ReadonlyMap<string, number>,
  duplicatesAllowed: number,
): Promise<void> {
  const counts = [...sent.values()];
  keep({
    ...fault,
    where: 'replay',
    delivery: 'at-least-once',
    messages: MESSAGES,
    lost: counts.filter((count) => count === 0).length,
    uncertain: 0,
    uncertainAllowed: 0,
    deadLetters: (await opened.store.counts()).dead,
    duplicates: counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
    duplicatesAllowed,
    worstWindow: undefined,
    apart: 0,
    missing: 0,
    late: 0,
  });
}

describe.each(places)('a replay from %s whose process is killed', (store, makePlace) => {
  storeIn(makePlace);

  it.each<[ReplayPoint, number, number]>([
    ['claimed', 1, 0],
    ['claimed', 4, MOST_IN_HAND],
    ['sent', 1, MOST_IN_HAND],
    ['sent', 25, MOST_IN_HAND],
    ['settled', 1, MOST_IN_HAND],
    ['settled', 33, MOST_IN_HAND],
  ])('when it has %s %i times loses no message, and repeats at most %i', async (at, times, most) => {
    const { signal } = await replay({ at, times });
    expect(signal).toBe('SIGKILL');

    const result = await replayTheRest();

    expect(result).toMatchObject({ failed: 0, dead: 0, remaining: 0, ended: 'drained' });
    const sent = await inQueue();
    const seen = { count: 1, what: `process ended by ${signal}` };
    await keepReplay({ fault: `${store}, killed: ${at} ${times}`, injected: 1, seen }, sent, most);
    // Every body is one of those that were stored, so what is there twice has one key and id, and is delivered once.
    expect(sent.size).toBe(MESSAGES);
    expect([...sent.values()].filter((count) => count === 0)).toEqual([]);
    expect([...sent.values()].every((count) => count <= 2)).toBe(true);
    expect([...sent.values()].filter((count) => count === 2).length).toBeLessThanOrEqual(most);
    for (const body of sent.keys()) expect(parseMessage(body).kind).toBe('message');
    expect(await opened.store.counts()).toEqual({ pending: 0, dead: 0 });
  });
});

describe.each(places)('replays from %s in three processes at once', (store, makePlace) => {
  storeIn(makePlace);

  it('share the messages and send each once', async () => {
    const ends = await Promise.all([replay(), replay(), replay()]);
    const sent = await inQueue();
    const count = ends.filter(({ result }) => result !== undefined && result.replayed > 0).length;
    const seen = { count, what: 'replays that sent' };
    await keepReplay({ fault: `${store}, three at once`, injected: count, seen }, sent, 0);

    expect(ends.map(({ signal }) => signal)).toEqual([null, null, null]);
    expect(new Set(sent.values())).toEqual(new Set([1]));
    expect(await opened.store.counts()).toEqual({ pending: 0, dead: 0 });
  });
});

describe.each<[string, Throttling]>([
  ['one request in eight', { refused: 1, of: 8, unit: 'requests' }],
  ['one request in two', { refused: 1, of: 2, unit: 'requests' }],
  ['a second out of two', { refused: 1_000, of: 2_000, unit: 'ms' }],
])('replays from a DynamoDB without capacity for %s', (share, throttling) => {
  storeIn(async () => dynamoPlace(await sharedService('dynamo'), throttling));

  it('move every message, spend no attempt and hide none', async () => {
    const ends = (await Promise.all([replayUntilDrained(), replayUntilDrained()])).flat();
    // A replay ends when it finds nothing, while the other one has the last messages in hand.
    const sent = await inQueue();
    const seen = {
      count: ends.filter(({ result }) => result?.ended === 'drained').length,
      what: 'replays that ended',
    };
    await keepReplay({ fault: `DynamoDB, no capacity for ${share}`, injected: 2, seen }, sent, 0);

    expect(ends.filter(({ result }) => result?.failed !== 0 || result.dead !== 0)).toEqual([]);
    expect(seen.count).toBe(2);
    expect(new Set(sent.values())).toEqual(new Set([1]));
    expect(await opened.store.counts()).toEqual({ pending: 0, dead: 0 });
  });
});
