import { expect, it, vi } from 'vitest';
import { guardListener } from './guard-listener.ts';

it('hands each event to the listener', () => {
  const listener = vi.fn();

  guardListener<string>(listener)('event');

  expect(listener.mock.calls).toEqual([['event']]);
});

it('ignores what the listener throws, now or later, and that there is none', async () => {
  const boom = () => {
    throw new Error('boom');
  };

  for (const listener of [boom, async () => boom(), undefined])
    expect(() => guardListener<string>(listener)('event')).not.toThrow();
  await Promise.resolve();
});
