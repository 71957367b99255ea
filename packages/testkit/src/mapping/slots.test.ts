import { describe, expect, it } from 'vitest';
import { openSlots } from './slots.ts';

describe('openSlots', () => {
  const never = new AbortController().signal;

  it('hands a released slot to the one that waits longest', async () => {
    const slots = openSlots(1);
    const release = await slots.take(never);
    const order: string[] = [];
    const first = slots.take(never).then((next) => (order.push('first'), next));
    const second = slots.take(never).then(() => order.push('second'));
    expect(order).toEqual([]);
    release?.();
    (await first)?.();
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('gives nothing to one that leaves while waiting, and keeps the slot for the next', async () => {
    const slots = openSlots(1);
    const release = await slots.take(never);
    const leaving = new AbortController();
    const left = slots.take(leaving.signal);
    const next = slots.take(never);
    leaving.abort();
    expect(await left).toBeUndefined();
    release?.();
    expect(await next).toBeTypeOf('function');
  });

  it('gives nothing to one that asks after leaving', async () => {
    expect(await openSlots(1).take(AbortSignal.abort())).toBeUndefined();
  });
});
