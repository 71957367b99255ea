import { describe, expect, it } from 'vitest';
import { flag as flagCheck, problemOf } from '@huntaze/kit/checks';
import { fakeClock } from '../testing/fake-clock.ts';
import { watchSetting } from './setting.ts';

/** A flag whose function answers from a script; the last answer stays. */
function makeFlag(...script: (boolean | Error)[]) {
  const clock = fakeClock();
  const problems: string[] = [];
  let asked = 0;
  const flag = watchSetting<boolean>(
    async () => {
      const answer = script[Math.min(asked++, script.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer as boolean;
    },
    {
      unknown: true,
      problemOf: (answer) => problemOf(flagCheck, answer),
      clock,
      onProblem: (problem) => void problems.push(problem),
    },
  );
  return { flag, clock, problems, asked: () => asked };
}

describe('a setting', () => {
  it('that is a value holds', async () => {
    const { flag } = makeFlag(false);
    const fixed = watchSetting(false, { ...flag, unknown: true } as never);

    expect([fixed.current(), await fixed.status()]).toEqual([false, false]);
  });

  it('that is a function is asked at most every five seconds, whoever needs it', async () => {
    const { flag, clock, asked } = makeFlag(true, false);

    expect(await Promise.all([flag.current(), flag.current(), flag.status()])).toEqual([true, true, true]);
    await clock.advance(4_999);
    expect([flag.current(), asked()]).toEqual([true, 1]);
    await clock.advance(1);

    expect([await flag.current(), asked()]).toEqual([false, 2]);
  });

  it('keeps what held before while its function fails, and tells', async () => {
    const { flag, clock, problems } = makeFlag(false, new TypeError('secret content'), true);

    expect(await flag.current()).toBe(false);
    await clock.advance(5_000);
    expect(await flag.current()).toBe(false);
    expect(await flag.status()).toEqual({ unavailable: 'TypeError' });
    expect(problems).toEqual(['TypeError']);
    await clock.advance(5_000);

    expect(await flag.status()).toBe(true);
  });

  it('is what the unknown means until its function has answered', async () => {
    expect(await makeFlag(new Error('down')).flag.current()).toBe(true);
  });

  it('takes no answer of another kind', async () => {
    const { flag, problems } = makeFlag('false' as never);

    expect(await flag.current()).toBe(true);
    expect(problems).toEqual(['expected true or false, found a string']);
  });
});
