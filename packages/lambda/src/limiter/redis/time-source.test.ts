import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { slidingWindow, tokenBucket } from '../limits/limit.ts';
import { timeSource } from './time-source.ts';

const refusal = new Error('NOTIME The user executing the script may not run this command');
const limits = [slidingWindow({ limit: 1, windowMs: 500 }), tokenBucket({ capacity: 1, refillPerMinute: 1 })];

describe('the time that a script is told', () => {
  it("is none, as long as the server's own clock serves", () => {
    const time = timeSource(fakeClock(5), undefined);
    expect([time.argument(), time.isWithheld('0', new Error('READONLY'))]).toEqual(['0', false]);
    expect(time.limits(limits)).toEqual(limits);
  });

  it("is the process's where the server withholds its own, with windows a second longer", () => {
    const time = timeSource(fakeClock(5), undefined);
    expect(time.isWithheld('0', refusal)).toBe(true);
    expect(time.argument()).toBe('-5000');
    expect(time.limits(limits)).toEqual([{ ...limits[0], windowMs: 1_500 }, limits[1]]);
  });

  it("is never what asks for the server's own again, not in the first instant of all either", () => {
    const time = timeSource(fakeClock(0), undefined);
    time.isWithheld('0', refusal);
    expect(time.argument()).toBe('-1');
  });

  it('is what a test gives, and a refusal of it is no news', () => {
    const time = timeSource(fakeClock(5), fakeClock(7));
    expect([time.argument(), time.isWithheld('7000', refusal), time.argument()]).toEqual([
      '7000',
      false,
      '7000',
    ]);
  });
});
