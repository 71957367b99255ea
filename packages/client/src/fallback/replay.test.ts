import { describe, expect, it } from 'vitest';
import {
  QueueRejectedError,
  QueueUnavailableError,
  silentLogger,
  type FallbackStore,
} from '../contract/index.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import type { Failed, RequestOutcome } from '../queue/outgoing.ts';
import { memoryFallbackStore } from './memory-store.ts';
import { replayer } from './replay.ts';
import { settler } from './replay-outcome.ts';
import { claimOf, scriptedStore } from './store.fixture.ts';

const down: Failed = { kind: 'failed', errorClass: 'unavailable', error: new QueueUnavailableError('down') };
const refused: Failed = { kind: 'failed', errorClass: 'rejected', error: new QueueRejectedError('never') };

/** A replay from a store to a queue that does what `outcomeOf` says, of a message with that id. */
function makeReplay(
  store: FallbackStore,
  {
    outcomeOf = () => ({ kind: 'queued' }),
    lanes = 1,
    keepsOrder = false,
  }: { outcomeOf?: (id: string) => RequestOutcome; lanes?: number; keepsOrder?: boolean } = {},
) {
  const clock = fakeClock();
  const requests: string[][] = [];
  const events: unknown[] = [];
  const state = { refuses: false };
  const settle = settler({
    store,
    clock,
    random: { next: () => 0 },
    inTime: (call) => call(),
    logger: silentLogger,
    keepsOrder,
    report: ({ message: { id }, attempt }, event) => void events.push({ id, attempt, ...event }),
  });
  const replay = replayer({
    store,
    queueSender: {
      async send(messages) {
        requests.push(messages.map(({ id }) => id));
        return messages.map(({ id }) => outcomeOf(id));
      },
    },
    refuses: () => state.refuses,
    settle,
    inTime: (call) => call(),
    lanes,
    logger: silentLogger,
  });
  return { replay, requests, events, clock, state };
}

const claims = (count: number) => Array.from({ length: count }, (_, index) => claimOf(`m-${index}`));

describe('a replay', () => {
  it('takes what waits to SQS under its own id, oldest first, ten to a request', async () => {
    const { store, replayed } = scriptedStore(claims(25));
    const { replay, requests } = makeReplay(store);

    expect(await replay()).toEqual({ replayed: 25, failed: 0, dead: 0, remaining: 0, ended: 'drained' });
    expect(requests.map((ids) => ids.length)).toEqual([10, 10, 5]);
    expect(requests.flat()).toEqual(claims(25).map(({ message }) => message.id));
    expect(replayed).toEqual(requests.flat());
  });

  it('claims no more than its limit, in leases of two minutes', async () => {
    const { store, claims: asked } = scriptedStore(claims(50));
    const { replay } = makeReplay(store, { lanes: 4 });

    expect(await replay({ limit: 25 })).toMatchObject({ replayed: 25, remaining: 25, ended: 'limit' });
    expect(asked.map(({ limit }) => limit)).toEqual([10, 10, 5]);
    expect(new Set(asked.map(({ leaseMs }) => leaseMs))).toEqual(new Set([120_000]));
  });

  it('keeps requests within 1 MiB', async () => {
    const body = 'a'.repeat(600_000);
    const { store } = scriptedStore(['a', 'b', 'c'].map((id) => claimOf(id, { body })));
    const { replay, requests } = makeReplay(store);

    await replay();

    expect(requests).toEqual([['a'], ['b'], ['c']]);
  });

  it('lets what failed wait longer each time, and gives up after the thirtieth', async () => {
    const attempts = [1, 2, 3, 10, 29, 30];
    const { store, failed } = scriptedStore([
      claimOf('fine'),
      ...attempts.map((attempt) => claimOf(`failed-${attempt}`, { attempt })),
    ]);
    const { replay, events } = makeReplay(store, {
      outcomeOf: (id) => (id === 'fine' ? { kind: 'queued' } : down),
    });

    expect(await replay()).toEqual({ replayed: 1, failed: 5, dead: 1, remaining: 5, ended: 'drained' });
    expect(failed.map((failure) => ('dead' in failure ? 'dead' : failure.retryAfterMs))).toEqual([
      2_500,
      5_000,
      10_000,
      1_280_000,
      1_800_000,
      'dead',
    ]);
    expect(events.at(-1)).toEqual({ id: 'failed-30', attempt: 30, kind: 'dead', reason: 'down' });
  });

  it('gives back what was in no request: no attempt is spent, nothing failed, and it stays where it was', async () => {
    const store = memoryFallbackStore({ clock: fakeClock() });
    await store.save(claims(3).map(({ message }) => message));
    let open = true;
    const { replay, events, requests } = makeReplay(store, {
      outcomeOf: () => (open ? { ...down, untried: true } : { kind: 'queued' }),
    });

    expect(await replay()).toEqual({
      replayed: 0,
      failed: 0,
      dead: 0,
      remaining: 3,
      ended: 'queue-unavailable',
    });
    expect(events).toEqual([]);
    open = false;
    expect(await replay()).toMatchObject({ replayed: 3, remaining: 0 });
    expect(events).toMatchObject([{ attempt: 1 }, { attempt: 1 }, { attempt: 1 }]);
    expect(requests[1]).toEqual(['m-0', 'm-1', 'm-2']);
  });

  it('gives back also what was replayed as often as it may be', async () => {
    const { store, failed } = scriptedStore([claimOf('m-0', { attempt: 30 })]);
    const { replay } = makeReplay(store, { outcomeOf: () => ({ ...down, untried: true }) });

    expect(await replay()).toMatchObject({ failed: 0, dead: 0, remaining: 1 });
    expect(failed).toMatchObject([{ id: 'm-0', untried: true }]);
  });

  it('gives up at once what SQS will never take', async () => {
    const { store, failed } = scriptedStore(claims(2));
    const { replay } = makeReplay(store, {
      outcomeOf: (id) => (id === 'm-0' ? refused : { kind: 'queued' }),
    });

    expect(await replay()).toEqual({ replayed: 1, failed: 0, dead: 1, remaining: 0, ended: 'drained' });
    expect(failed).toEqual([{ id: 'm-0', error: 'never', dead: true }]);
  });

  it('keeps what failed ahead of what was stored later, for a queue that keeps order', async () => {
    const clock = fakeClock(0);
    const store = memoryFallbackStore({ clock });
    for (const { message } of claims(25)) {
      await clock.advance(1_000);
      await store.save([{ ...message, storedAtMs: clock.nowMs() }]);
    }
    let up = false;
    const { replay, requests } = makeReplay(store, {
      keepsOrder: true,
      outcomeOf: () => (up ? { kind: 'queued' } : down),
    });

    await replay();
    await replay();
    up = true;
    requests.length = 0;
    await replay();

    expect(requests.flat()).toEqual(claims(25).map(({ message }) => message.id));
  });

  it('ends with a request of which nothing got through, and leaves the rest unclaimed', async () => {
    const { store, claims: asked } = scriptedStore(claims(100));
    const { replay } = makeReplay(store, { outcomeOf: () => down, lanes: 4 });

    expect(await replay()).toMatchObject({ replayed: 0, failed: 10, ended: 'queue-unavailable' });
    expect(asked).toHaveLength(1);
  });

  it('claims nothing while the breaker is open', async () => {
    const { store, claims: asked } = scriptedStore(claims(3));
    const { replay, state } = makeReplay(store);
    state.refuses = true;

    expect(await replay()).toEqual({
      replayed: 0,
      failed: 0,
      dead: 0,
      remaining: 3,
      ended: 'queue-unavailable',
    });
    expect(asked).toEqual([]);
  });

  it('settles what it has claimed and claims no more when its signal aborts', async () => {
    const { store, replayed } = scriptedStore(claims(50));
    const stop = new AbortController();
    const { replay } = makeReplay(store, {
      outcomeOf() {
        stop.abort();
        return { kind: 'queued' };
      },
    });

    expect(await replay({ signal: stop.signal })).toMatchObject({ replayed: 10, ended: 'aborted' });
    expect(replayed).toHaveLength(10);
    expect(await replay({ signal: stop.signal })).toMatchObject({ replayed: 0, ended: 'aborted' });
  });

  it('does not count what another one has claimed meanwhile', async () => {
    const { store, lost } = scriptedStore(claims(2));
    lost.add('token-m-0');
    const { replay, events } = makeReplay(store);

    expect(await replay()).toMatchObject({ replayed: 1, failed: 0 });
    expect(events).toEqual([{ id: 'm-1', attempt: 1, kind: 'replayed' }]);
  });

  it('shares the messages with others that run at the same time: each is sent once', async () => {
    const store = memoryFallbackStore();
    await store.save(claims(500).map(({ message }) => message));
    const replays = Array.from({ length: 5 }, () => makeReplay(store, { lanes: 4 }));

    const results = await Promise.all(replays.map(({ replay }) => replay()));

    const sent = replays.flatMap(({ requests }) => requests).flat();
    expect([sent.length, new Set(sent).size]).toEqual([500, 500]);
    expect(results.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(500);
  });
});

describe('a replay whose store fails', () => {
  const broken = () => Promise.reject(Object.assign(new Error('secret content'), { code: 'ECONNREFUSED' }));

  it('throws when nothing can be claimed, without the words of the store', async () => {
    const { store } = scriptedStore();
    const { replay } = makeReplay({ ...store, claim: broken });

    const error = await replay().catch((reason: unknown) => reason);

    expect(error).toMatchObject({ name: 'StoreUnavailableError', retryable: true });
    expect(String(error)).toContain('ECONNREFUSED');
    expect(String(error)).not.toContain('secret');
  });

  it('tells what it did when the store fails later', async () => {
    const { store } = scriptedStore(claims(25));
    let calls = 0;
    const { replay } = makeReplay({
      ...store,
      claim: async (request) => (++calls > 1 ? await broken() : await store.claim(request)),
      counts: broken,
    });

    expect(await replay()).toEqual({
      replayed: 10,
      failed: 0,
      dead: 0,
      remaining: { unavailable: 'ECONNREFUSED Error' },
      ended: 'store-unavailable',
    });
  });

  it('ends when a replay cannot be recorded: its lease runs out, and another one repeats it', async () => {
    const { store } = scriptedStore(claims(25));
    const { replay } = makeReplay({ ...store, markReplayed: broken });

    expect(await replay()).toMatchObject({ replayed: 0, ended: 'store-unavailable', remaining: 15 });
  });
});
