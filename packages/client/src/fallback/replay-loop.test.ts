import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { startReplayLoop } from './replay-loop.ts';
import type { ReplayEnd, ReplayOptions } from './replay.ts';

/** A loop over replays that end as a script says, one after the other. */
function makeLoop(...script: (ReplayEnd | Error)[]) {
  const clock = fakeClock();
  const given: ReplayOptions[] = [];
  const warnings: object[] = [];
  const closing = new AbortController();
  const loop = startReplayLoop(
    { everyMs: 60_000, limit: 500 },
    {
      async replay(options) {
        given.push(options);
        const ended = script.shift() ?? 'drained';
        if (ended instanceof Error) throw ended;
        return { replayed: 0, failed: 0, dead: 0, remaining: 0, ended };
      },
      clock,
      logger: {
        debug: () => {},
        info: () => {},
        error: () => {},
        warn: (fields) => void warnings.push(fields),
      },
      closed: closing.signal,
    },
  );
  return { loop, clock, given, warnings, closing };
}

describe('a loop of replays', () => {
  it('replays at once, and again every minute', async () => {
    const { clock, given } = makeLoop();

    await clock.advance(0);
    expect(given).toMatchObject([{ limit: 500 }]);
    await clock.advance(59_999);
    expect(given).toHaveLength(1);
    await clock.advance(1);

    expect(given).toHaveLength(2);
  });

  it('goes on without a pause while replays end with their limit', async () => {
    const { clock, given } = makeLoop('limit', 'limit', 'drained');

    await clock.advance(0);

    expect(given).toHaveLength(3);
  });

  it('survives a replay that fails, and says so', async () => {
    const { clock, given, warnings } = makeLoop(
      Object.assign(new Error('no'), { code: 'STORE_UNAVAILABLE' }),
    );

    await clock.advance(60_000);

    expect(given).toHaveLength(2);
    expect(warnings).toEqual([{ error: 'STORE_UNAVAILABLE Error' }]);
  });

  it('ends when it is stopped, when its scope ends, and when the client closes', async () => {
    for (const end of ['stop', 'dispose', 'close'] as const) {
      const { loop, clock, given, closing } = makeLoop();
      await clock.advance(0);

      if (end === 'close') closing.abort();
      await (end === 'dispose' ? loop[Symbol.asyncDispose]() : loop.stop());
      await clock.advance(600_000);

      expect(given).toHaveLength(1);
      expect(given[0]?.signal?.aborted).toBe(true);
      expect(clock.sleeping).toBe(0);
    }
  });
});
