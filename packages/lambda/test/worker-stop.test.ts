import { describe, expect, it } from 'vitest';
import { eventually, makeWorker, slowHandler } from '../src/testing/make-worker.ts';

describe('a worker that stops', () => {
  it('receives nothing more, finishes what is in hand and deletes it', async () => {
    const { handler, open } = slowHandler();
    const { worker, clock, receives, deleted } = makeWorker({ replies: [['a'], ['b']], handler });
    worker.start();
    await eventually(() => expect(open).toHaveLength(1));

    const stopped = worker.stop();
    await clock.advance(1_000);
    expect(deleted).toEqual([]);
    open[0]!();
    await clock.advance(20);

    expect(await stopped).toEqual({ leftMessages: 0 });
    expect(deleted).toEqual(['handle of a']);
    expect(receives).toHaveLength(1);
  });

  it('tells its handler how much time is left, and reports what did not finish in it', async () => {
    const { handler, open } = slowHandler();
    const { worker, clock, logs } = makeWorker({ replies: [['a', 'b']], handler });
    worker.start();
    await eventually(() => expect(open).toHaveLength(1));

    const stopped = worker.stop({ timeoutMs: 10_000 });
    await clock.advance(4_000);
    expect(handler.mock.calls[0]?.[1]?.getRemainingTimeInMillis()).toBe(6_000);
    await clock.advance(6_000);

    expect(await stopped).toEqual({ leftMessages: 2 });
    expect(logs.at(-1)).toEqual({
      level: 'warn',
      fields: { leftMessages: 2 },
      message: 'the worker stopped before all was finished',
    });
  });

  it.each<[unknown, string]>([
    [
      { timeout: 5 },
      'stop.timeout: expected an option that exists, found another option: did you mean timeoutMs?',
    ],
    [
      { timeoutMs: '5' },
      'stop.timeoutMs: expected a whole number from 0 to 9007199254740991, found a string',
    ],
    [
      { timeoutMs: Number.NaN },
      'stop.timeoutMs: expected a whole number from 0 to 9007199254740991, found NaN',
    ],
    ['SIGTERM', 'stop: expected an object, found a string'],
    [null, 'stop: expected an object, found null'],
  ])('takes its default instead of %j, and says so', async (options, problems) => {
    const { handler, open } = slowHandler();
    const { worker, clock, logs } = makeWorker({ replies: [['a']], handler });
    worker.start();
    await eventually(() => expect(open).toHaveLength(1));

    const stopped = worker.stop(options as never);
    expect(handler.mock.calls[0]?.[1]?.getRemainingTimeInMillis()).toBe(30_000);
    await clock.advance(30_000);

    expect(await stopped).toEqual({ leftMessages: 1 });
    expect(logs).toContainEqual({
      level: 'warn',
      fields: { problems },
      message: 'the options of a stop are wrong: its default holds',
    });
  });

  it('waits for its open poll, lest messages are sent to nobody', async () => {
    const { worker, clock, receives } = makeWorker();
    worker.start();
    await eventually(() => expect(receives).toHaveLength(1));
    let over = false;

    const stopped = worker.stop().then(() => (over = true));
    await clock.advance(4_980);
    expect(over).toBe(false);
    await clock.advance(40);

    await stopped;
    expect(over).toBe(true);
  });

  it('gives up a poll that is never answered', async () => {
    const { worker, stop, receives, logs } = makeWorker({ replies: ['silence'], timeoutMs: 1_000 });
    worker.start();
    await eventually(() => expect(receives).toHaveLength(1));

    expect(await stop()).toEqual({ leftMessages: 0 });

    expect(receives).toHaveLength(1);
    expect(logs[0]?.fields).toEqual({ failures: 1, error: 'TimeoutError' });
  });

  it('is stopped by its signal too, before or after its start, and for good', async () => {
    const controller = new AbortController();
    const { worker, stop, receives } = makeWorker({ signal: controller.signal });
    const early = makeWorker({ signal: AbortSignal.abort() });

    worker.start();
    await eventually(() => expect(receives).toHaveLength(1));
    controller.abort();
    await stop();
    worker.start();
    early.worker.start();
    await early.stop();

    expect(receives).toHaveLength(1);
    expect(early.receives).toEqual([]);
  });
});
