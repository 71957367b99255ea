import { describe, expect, it } from 'vitest';
import { certainWindow, openLedger, worstWindow } from './ledger.ts';

describe('the most calls that certainly arrived in one window', () => {
  const at = (sentAtMs: number, atMs = sentAtMs) => ({ sentAtMs, atMs });

  it('are those of the worst window where every call was read at once', () => {
    const instants = [900, 2_500, 100, 1_050, 500];
    expect(
      certainWindow(
        instants.map((ms) => at(ms)),
        1_000,
      ),
    ).toBe(worstWindow(instants, 1_000));
    expect(certainWindow([at(0), at(1_000)], 1_000)).toBe(1);
    expect(certainWindow([], 1_000)).toBe(0);
  });

  it('are no calls that were sent in another window and read late', () => {
    expect(worstWindow([1_300, 1_310, 1_320], 1_000)).toBe(3);
    expect(certainWindow([at(100, 1_300), at(1_200, 1_310), at(1_250, 1_320)], 1_000)).toBe(2);
  });
});

describe('worstWindow', () => {
  it('finds nothing in an empty ledger', () => {
    expect(worstWindow([], 1_000)).toBe(0);
  });

  it('keeps two instants exactly one window apart in different windows', () => {
    expect(worstWindow([0, 1_000], 1_000)).toBe(1);
  });

  it('counts two instants a little less than one window apart together', () => {
    expect(worstWindow([0, 999.999], 1_000)).toBe(2);
  });

  it('counts equal instants each', () => {
    expect(worstWindow([5, 5, 5], 1)).toBe(3);
  });

  it('does not depend on order', () => {
    expect(worstWindow([900, 2_500, 100, 1_050, 500], 1_000)).toBe(4);
  });

  it('sees the 19 calls that a bucket of 10 refilled at 10 per minute lets through', () => {
    const burst = Array.from({ length: 10 }, () => 0);
    const refill = Array.from({ length: 9 }, (_, index) => (index + 1) * 6_000);
    expect(worstWindow([...burst, ...refill], 60_000)).toBe(19);
  });
});

describe('openLedger', () => {
  const strict = { limit: 2, windowMs: 1_000, enforce: true };
  const call = (id: string, atMs: number, key = 'a') => ({ id, key, atMs });

  it('refuses a call over the limit and says when the window has a place again', () => {
    const ledger = openLedger(strict);
    ledger.record(call('1', 0));
    ledger.record(call('2', 400));
    expect(ledger.record(call('3', 700))).toEqual({ verdict: 'over-limit', retryAfterMs: 300 });
    expect(ledger.record(call('3', 1_000))).toEqual({ verdict: 'within-limit' });
    expect(ledger.violations()).toEqual([
      { id: '3', key: 'a', atMs: 700, verdict: 'over-limit', accepted: false },
    ]);
  });

  it('counts refused calls in the worst window but not toward the limit', () => {
    const ledger = openLedger(strict);
    for (const atMs of [0, 1, 2, 3]) ledger.record(call(String(atMs), atMs));
    expect(ledger.worstWindow()).toBe(4);
    expect(ledger.record(call('later', 1_001))).toEqual({ verdict: 'within-limit' });
  });

  it('accepts everything and still writes violations down when it does not enforce', () => {
    const ledger = openLedger({ ...strict, enforce: false });
    for (const atMs of [0, 1, 2]) ledger.record(call(String(atMs), atMs));
    expect(ledger.calls.map(({ accepted }) => accepted)).toEqual([true, true, true]);
    expect(ledger.violations().map(({ id }) => id)).toEqual(['2']);
  });

  it('says when a place is free after more calls were accepted than the limit', () => {
    const ledger = openLedger({ ...strict, enforce: false });
    for (const atMs of [0, 100, 200]) ledger.record(call(String(atMs), atMs));
    expect(ledger.record(call('3', 300))).toEqual({ verdict: 'over-limit', retryAfterMs: 800 });
  });

  it('judges each key alone', () => {
    const ledger = openLedger(strict);
    ledger.record(call('1', 0, 'a'));
    ledger.record(call('2', 0, 'b'));
    ledger.record(call('3', 0, 'b'));
    expect([ledger.worstWindow('a'), ledger.worstWindow('b'), ledger.worstWindow('c')]).toEqual([1, 2, 0]);
    expect(ledger.worstWindow()).toBe(2);
    expect(ledger.violations()).toEqual([]);
  });

  it('names messages accepted twice, and not those refused and tried again', () => {
    const ledger = openLedger({ ...strict, limit: 1 });
    ledger.record(call('1', 0));
    ledger.record(call('2', 500));
    ledger.record(call('2', 1_000));
    expect(ledger.duplicates()).toEqual([]);
    ledger.record(call('2', 2_000));
    expect(ledger.duplicates()).toEqual([{ key: 'a', id: '2', times: 2 }]);
  });

  it('does not take the same id under two keys for a duplicate', () => {
    const ledger = openLedger(strict);
    ledger.record(call('1', 0, 'a'));
    ledger.record(call('1', 0, 'b'));
    expect(ledger.duplicates()).toEqual([]);
  });
});
