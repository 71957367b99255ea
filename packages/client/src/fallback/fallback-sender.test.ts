import { describe, expect, it } from 'vitest';
import { QueueRejectedError, QueueUnavailableError } from '../contract/index.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import type { RequestOutcome, OutgoingMessage } from '../queue/outgoing.ts';
import { scriptedStore } from './store.fixture.ts';
import { withFallback } from './fallback-sender.ts';

const message = (id: string, fresh = false): OutgoingMessage => ({
  id,
  key: 'k',
  body: `{"id":"${id}"}`,
  bytes: 10,
  fresh,
});
const queued: RequestOutcome = { kind: 'queued' };
const down = { kind: 'failed', errorClass: 'unavailable', error: new QueueUnavailableError('down') } as const;
const denied = {
  kind: 'failed',
  errorClass: 'misconfigured',
  error: new QueueRejectedError('denied'),
} as const;
const refused = { kind: 'failed', errorClass: 'rejected', error: new QueueRejectedError('never') } as const;

function makeSender(outcomes: readonly RequestOutcome[], save?: () => Promise<void>) {
  const { store, saved } = scriptedStore();
  const clock = fakeClock();
  const told: unknown[] = [];
  const sender = withFallback(
    { send: async () => outcomes },
    {
      store: save ? { ...store, save } : store,
      clock,
      inTime: (call) => call(),
      keepsOrder: false,
      onStored: (stored) => void told.push(stored.map(([{ id }]) => id)),
      onStoreFailure: (messages, errorName) => void told.push([messages, errorName]),
    },
  );
  const send = () => sender.send(outcomes.map((_, index) => message(`m-${index}`, index === 3)));
  return { send, saved, told, clock };
}

describe('the fallback', () => {
  it('stores what SQS did not confirm, in one call, and leaves the rest as it is', async () => {
    const { send, saved, told, clock } = makeSender([queued, down, refused, denied]);

    expect(await send()).toEqual([
      queued,
      { kind: 'stored', cause: down.error },
      refused,
      { kind: 'stored', cause: denied.error },
    ]);
    const storedAtMs = clock.nowMs();
    expect(saved).toEqual([
      [
        { id: 'm-1', key: 'k', body: '{"id":"m-1"}', storedAtMs, error: 'down', fresh: false },
        { id: 'm-3', key: 'k', body: '{"id":"m-3"}', storedAtMs, error: 'denied', fresh: true },
      ],
    ]);
    expect(told).toEqual([['m-1', 'm-3']]);
  });

  it.each([[[queued, queued]], [[queued, refused]]])('does not touch the store for %j', async (outcomes) => {
    const { send, saved, told } = makeSender(outcomes);

    expect(await send()).toEqual(outcomes);
    expect([saved, told]).toEqual([[], []]);
  });

  it('tells of both failures when the store fails too, without the words of the store', async () => {
    const storeError = Object.assign(new Error('INSERT secret content'), { code: 'P1001' });
    const { send, told } = makeSender([queued, down, denied], () => Promise.reject(storeError));

    const [first, second, third] = await send();

    expect(first).toEqual(queued);
    expect(second).toMatchObject({
      kind: 'failed',
      error: {
        code: 'QUEUE_UNAVAILABLE',
        message: 'down; the fallback store did not keep it either (P1001 Error)',
        cause: { errors: [down.error, storeError] },
      },
    });
    expect(third).toMatchObject({ kind: 'failed', error: { code: 'QUEUE_UNAVAILABLE' } });
    expect(told).toEqual([[2, 'P1001 Error']]);
  });
});

describe('the fallback of a queue that keeps order', () => {
  /** SQS fails once; the store can be emptied by hand. */
  function makeOrdered() {
    const { store, saved } = scriptedStore();
    const clock = fakeClock();
    const state = { pending: 0, sent: 0, asked: 0, down: true };
    const sender = withFallback(
      {
        async send(messages) {
          state.sent += 1;
          return messages.map(() => (state.down ? down : queued));
        },
      },
      {
        store: {
          ...store,
          async save(messages) {
            state.pending += messages.length;
            await store.save(messages);
          },
          async counts() {
            state.asked += 1;
            return { pending: state.pending, dead: 0 };
          },
        },
        clock,
        inTime: (call) => call(),
        keepsOrder: true,
        onStored: () => {},
        onStoreFailure: () => {},
      },
    );
    const send = async (id: string) => (await sender.send([message(id)]))[0]?.kind;
    return { send, saved, clock, state };
  }

  it('sends nothing past what waits in the store, and asks it once a second', async () => {
    const { send, saved, clock, state } = makeOrdered();
    await send('first');
    state.down = false;

    const meanwhile = [await send('second'), await send('third')];
    await clock.advance(1_000);
    meanwhile.push(await send('fourth'), await send('fifth'));

    expect(meanwhile).toEqual(['stored', 'stored', 'stored', 'stored']);
    expect(saved.flat().map(({ id }) => id)).toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
    expect([state.sent, state.asked]).toEqual([1, 1]);
  });

  it('sends again once the store is empty', async () => {
    const { send, clock, state } = makeOrdered();
    await send('first');
    Object.assign(state, { down: false, pending: 0 });
    await clock.advance(1_000);

    expect([await send('second'), await send('third'), state.asked]).toEqual(['queued', 'queued', 1]);
  });
});
