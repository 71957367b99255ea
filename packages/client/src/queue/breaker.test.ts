import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { openBreaker } from './breaker.ts';

/** A breaker of five failures and a minute, whose calls say themselves whether they fail. */
function makeBreaker() {
  const clock = fakeClock();
  const changes: string[] = [];
  let calls = 0;
  const circuit = openBreaker<'fine' | 'failed'>({
    failureThreshold: 5,
    halfOpenAfterMs: 60_000,
    clock,
    isFailure: (result) => result === 'failed',
    onChange: (state) => void changes.push(state),
  });
  /** As the queue sender does: a call that is refused is not made. */
  const run = async (made: () => Promise<'fine' | 'failed'>) =>
    circuit.refuses() ? undefined : await circuit.policy.execute(made);
  const call = (result: 'fine' | 'failed') =>
    run(async () => {
      calls += 1;
      return result;
    });
  const fail = async (times: number) => {
    for (let time = 0; time < times; time++) await call('failed');
  };
  return { circuit, clock, changes, run, call, fail, calls: () => calls };
}

describe('the breaker', () => {
  it('opens with the fifth failure in a row', async () => {
    const { circuit, fail, changes } = makeBreaker();

    await fail(4);
    expect([circuit.state(), circuit.refuses()]).toEqual(['closed', false]);
    await fail(1);

    expect([circuit.state(), circuit.refuses()]).toEqual(['open', true]);
    expect(changes).toEqual(['open']);
  });

  it('counts anew after a success', async () => {
    const { circuit, call, fail } = makeBreaker();

    await fail(4);
    await call('fine');
    await fail(4);

    expect(circuit.state()).toBe('closed');
  });

  it('makes no call while it is open, for a minute', async () => {
    const { circuit, clock, call, fail, calls } = makeBreaker();
    await fail(5);

    await clock.advance(59_999);

    expect(await call('fine')).toBeUndefined();
    expect([calls(), circuit.probeInMs()]).toEqual([5, 1]);
  });

  it('lets one call probe after a minute, and refuses all others meanwhile', async () => {
    const { circuit, clock, run, fail, calls } = makeBreaker();
    await fail(5);
    await clock.advance(60_000);
    expect([circuit.state(), circuit.refuses()]).toEqual(['half-open', false]);

    const probe = Promise.withResolvers<'fine'>();
    const probing = run(() => probe.promise);
    const refused = await run(async () => 'fine');

    expect([refused, circuit.state(), circuit.refuses()]).toEqual([undefined, 'half-open', true]);
    probe.resolve('fine');
    expect(await probing).toBe('fine');
    expect(circuit.state()).toBe('closed');
    expect(calls()).toBe(5);
  });

  it('stays open for another minute when the probe fails', async () => {
    const { circuit, clock, call, fail, changes, calls } = makeBreaker();
    await fail(5);
    await clock.advance(60_000);

    await call('failed');
    await clock.advance(59_999);
    expect(await call('fine')).toBeUndefined();
    await clock.advance(1);
    await call('fine');

    expect([circuit.state(), calls()]).toEqual(['closed', 7]);
    expect(changes).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
  });

  it('is not held open by a wall clock that steps back, nor closed by one that steps ahead', async () => {
    const { circuit, clock, fail } = makeBreaker();
    await fail(5);

    clock.step(3_600_000);
    expect(circuit.refuses()).toBe(true);
    clock.step(-7_200_000);
    await clock.advance(60_000);

    expect(circuit.refuses()).toBe(false);
  });

  it('opens once, however many calls under way fail afterwards', async () => {
    const { fail, changes } = makeBreaker();

    await Promise.all(Array.from({ length: 20 }, () => fail(1)));

    expect(changes).toEqual(['open']);
  });
});
