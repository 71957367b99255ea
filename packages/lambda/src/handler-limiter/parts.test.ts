import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { boundedLimiter } from './bounded-limiter.ts';
import type { Admission } from '../limiter/limiter.ts';
import { openLimiterParts } from './parts.ts';
import { makeHandler } from '../testing/make-handler.ts';
import { FIFO_QUEUE_ARN, listing, record, sqsEvent } from '../testing/records.ts';
import { scriptedLimiter } from '../testing/scripted-limiter.ts';

/** A handler whose limiter has two parts, `b…` and the rest: the part `b` can be frozen, or slow. */
function twoParts({ timeoutMs = 5_000, fifo = false, named = true } = {}) {
  const clock = fakeClock();
  const answers = scriptedLimiter({ nowMs: clock.nowMs });
  const state = { frozen: false, slowMs: 0 };
  const thaws: (() => void)[] = [];
  const reach = async () => {
    if (state.frozen) await new Promise<void>((resolve) => thaws.push(resolve));
    if (state.slowMs > 0) await clock.sleep(state.slowMs);
  };
  let asked = 0;
  const made = makeHandler({
    clock,
    timeoutMs,
    random: { next: () => 0 },
    limiter: {
      ...answers,
      async admit(request) {
        if (request.key.startsWith('b')) {
          asked++;
          await reach();
        }
        return await answers.admit(request);
      },
      ...(named && { partOf: ({ key }: { readonly key: string }) => key.slice(0, 1) }),
    },
  });
  const send = (...keys: readonly string[]) =>
    made.handler(
      sqsEvent(
        ...keys.map((key, index) =>
          record({
            messageId: `${key}-${index}`,
            message: { key },
            ...(fifo && { eventSourceARN: FIFO_QUEUE_ARN, group: key }),
          }),
        ),
      ),
    );
  /** How long a batch takes, in virtual time. */
  const timeOf = async (batch: Promise<unknown>, stepMs = 50) => {
    const startedMs = clock.monotonicMs();
    const ended: unknown[] = [];
    void batch.then((response) => ended.push(response));
    await clock.advance(0);
    while (ended.length === 0) await clock.advance(stepMs);
    return clock.monotonicMs() - startedMs;
  };
  return {
    ...made,
    clock,
    state,
    answers,
    send,
    timeOf,
    thaw() {
      state.frozen = false;
      for (const go of thaws.splice(0)) go();
    },
    get asked() {
      return asked;
    },
  };
}

describe.each([{ fifo: false }, { fifo: true }])('a part of the limiter that is frozen (%o)', ({ fifo }) => {
  it('costs one batch the time of a call, and those after it a moment at most', async () => {
    const made = twoParts({ fifo });
    made.state.frozen = true;

    expect(await made.timeOf(made.send('a1', 'b1', 'c1'))).toBe(5_000);
    const times: number[] = [];
    for (let batch = 0; batch < 100; batch++) {
      times.push(await made.timeOf(made.send('a1', `b${batch}`, 'c1')));
      await made.clock.advance(100);
    }

    // All keys of the part are known to be silent, and one question at a time finds out whether they still are.
    expect(Math.max(...times)).toBe(200);
    expect(times.filter((ms) => ms > 0)).toHaveLength(made.asked - 1);
    expect(made.asked).toBe(3);
    expect(made.calls.map(({ key }) => key)).toEqual(
      Array.from({ length: 202 }, (_, i) => (i % 2 ? 'c1' : 'a1')),
    );
  });

  it('is used again as soon as it answers', async () => {
    const made = twoParts({ fifo });
    made.state.frozen = true;
    await made.timeOf(made.send('b1'));
    await made.clock.advance(60_000);
    made.thaw();

    expect(await made.send('b1', 'b2')).toEqual(listing());
    expect(made.calls.map(({ key }) => key)).toEqual(['b1', 'b2']);
  });
});

it('a key is a part of its own where the limiter names none', async () => {
  const made = twoParts({ named: false });
  made.state.frozen = true;
  await made.timeOf(made.send('b1'));

  expect(await made.timeOf(made.send('b1'))).toBe(0);
  expect(await made.timeOf(made.send('b2'))).toBe(5_000);
});

it('a part that has become slow is used again: its late answer shows that it is there', async () => {
  const made = twoParts();
  made.state.frozen = true;
  await made.timeOf(made.send('b1'));
  await made.clock.advance(10_000);
  made.thaw();
  made.state.slowMs = 1_000;

  expect(await made.timeOf(made.send('b1'))).toBe(200);
  await made.clock.advance(1_000);
  // What was claimed too late was given back.
  expect(made.answers.settlements.at(-1)).toMatchObject({ outcome: 'unused' });
  expect(await made.timeOf(made.send('b1'))).toBe(1_000);
  expect(made.calls.map(({ key }) => key)).toEqual(['b1']);
});

it('a part that refuses at once is asked each time, because that costs no time', async () => {
  const clock = fakeClock();
  let asked = 0;
  const { handler } = makeHandler({
    clock,
    limiter: {
      ...scriptedLimiter({ nowMs: clock.nowMs }),
      admit() {
        asked++;
        return Promise.reject(new LimiterUnavailableError('expected an answer, found a refusal'));
      },
    },
  });
  for (let batch = 0; batch < 5; batch++) await handler(sqsEvent(record()));

  expect(asked).toBe(5);
});

it('a failure says nothing of a part that has answered a later question', async () => {
  const made = twoParts();
  made.state.frozen = true;
  const stuck = made.send('b1');
  await made.clock.advance(1_000);
  made.state.frozen = false;
  expect(await made.send('b2')).toEqual(listing());
  await made.clock.advance(4_000);
  expect(await stuck).toEqual(listing('b1-0'));

  expect(await made.timeOf(made.send('b3'))).toBe(0);
  expect(made.calls.map(({ key }) => key)).toEqual(['b2', 'b3']);
});

describe('a silence', () => {
  const never = () => new Promise<never>(() => {});
  /** Parts whose only one has been silent for a minute, question after question. */
  async function silentForAMinute() {
    const clock = fakeClock();
    const parts = openLimiterParts({ clock, partOf: ({ key }) => key, timeoutMs: 5_000 });
    const askInVain = async () => {
      const answer = parts.follow({ key: 'a' }, never()).catch(() => {});
      await clock.advance(5_000);
      await answer;
    };
    for (let asked = 0; asked <= 12; asked++) await askInVain();
    return { clock, parts, askInVain };
  }

  it('is what lies between the ends of failed calls', async () => {
    const { parts } = await silentForAMinute();
    expect(parts.silentMs({ key: 'a' }, 8_000)).toBe(60_000);
    expect(parts.silentMs({ key: 'b' }, 8_000)).toBe(0);
  });

  it('ends with a time without a call, also while the next one is under way', async () => {
    const { clock, parts, askInVain } = await silentForAMinute();
    await clock.advance(8_001);
    expect(parts.silentMs({ key: 'a' }, 8_000)).toBe(0);
    expect(parts.silentMs({ key: 'a' }, 16_000)).toBe(60_000);

    const asking = askInVain();
    expect(parts.silentMs({ key: 'a' }, 8_000)).toBe(0);
    await asking;
    expect(parts.silentMs({ key: 'a' }, 8_000)).toBe(0);
    expect(parts.silentMs({ key: 'a' }, 16_000)).toBe(73_001);
  });

  it('goes on while a call is under way, however long that takes', async () => {
    const { clock, parts } = await silentForAMinute();
    await clock.advance(1_000);
    void parts.follow({ key: 'a' }, never()).catch(() => {});
    await clock.advance(4_999);
    expect(parts.silentMs({ key: 'a' }, 1_000)).toBe(60_000);
  });

  it('ends with the answer to a claim that was given back', async () => {
    const clock = fakeClock();
    const parts = openLimiterParts({ clock, partOf: ({ key }) => key, timeoutMs: 1_000 });
    const late = Promise.withResolvers<readonly Admission[]>();
    const givenBack = Promise.withResolvers<readonly boolean[]>();
    const limiter = boundedLimiter(
      { ...scriptedLimiter(clock), admit: () => late.promise, settle: () => givenBack.promise },
      { clock, timeoutMs: 1_000, metrics: { record() {} }, parts },
    );
    const candidates = [{ id: 'm-1', priority: 'medium' as const }];
    const asking = limiter.admit({ key: 'a', limits: [], marginMs: 0, leaseMs: 1_000, candidates });
    const failed = expect(asking).rejects.toThrow('no answer');
    await clock.advance(1_000);
    await failed;
    late.resolve([
      {
        kind: 'granted',
        claim: { key: 'a', id: 'm-1', token: 1, attempt: 1, takeover: false, leaseUntilMs: 0 },
      },
    ]);
    await clock.advance(100);
    const refuse = () => parts.follow({ key: 'a' }, Promise.reject(new Error('refused'))).catch(() => {});
    await refuse();
    await clock.advance(100);
    await refuse();
    expect(parts.silentMs({ key: 'a' }, 1_000)).toBe(100);

    givenBack.resolve([true]);
    await clock.advance(0);
    expect(parts.silentMs({ key: 'a' }, 1_000)).toBe(0);
  });

  it('tells how long ago the last call began, whatever becomes of it', async () => {
    const { clock, parts } = await silentForAMinute();
    expect(parts.unaskedMs({ key: 'a' })).toBe(5_000);
    expect(parts.unaskedMs({ key: 'b' })).toBe(Number.POSITIVE_INFINITY);
    await parts.follow({ key: 'a' }, Promise.resolve());
    await clock.advance(1);
    expect(parts.unaskedMs({ key: 'a' })).toBe(1);
  });
});
