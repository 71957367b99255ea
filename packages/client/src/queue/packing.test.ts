import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { MAX_BYTES, MAX_ENTRIES } from '@huntaze/kit';
import { nextPack, type Peekable } from './packing.ts';

interface Sized {
  readonly bytes: number;
}

/** A source whose items come as the given promises settle; after the last it is at its end. */
function sourceOf<Item>(items: readonly (Item | Promise<Item>)[]): Peekable<Item> {
  let first = 0;
  return {
    mayWait: true,
    async peek() {
      if (first === items.length) return { done: true, value: undefined };
      return { done: false, value: await (items[first] as Item) };
    },
    take: () => void first++,
  };
}

async function packAll<Item extends Sized>(items: readonly Item[]): Promise<(readonly Item[])[]> {
  const source = sourceOf(items);
  const packs: (readonly Item[])[] = [];
  for (;;) {
    const pack = await nextPack(source, fakeClock());
    if (pack.length === 0) return packs;
    packs.push(pack);
  }
}

const total = (items: readonly Sized[]) => items.reduce((sum, { bytes }) => sum + bytes, 0);

/** Sizes around everything that matters: nothing, little, halves and tenths of a request, all of it. */
const sizes = fc.array(
  fc.oneof(
    fc.constantFrom(0, 1, MAX_BYTES / 2, MAX_BYTES - 1, MAX_BYTES),
    fc.integer({ min: 0, max: MAX_BYTES / 8 }),
    fc.integer({ min: 0, max: MAX_BYTES }),
  ),
  { maxLength: 60 },
);
const items = sizes.map((list) => list.map((bytes, index) => ({ bytes, index })));

describe('packing', () => {
  it('puts every message into exactly one request, in order', async () => {
    await fc.assert(
      fc.asyncProperty(items, async (list) => {
        expect((await packAll(list)).flat()).toEqual(list);
      }),
    );
  });

  it('keeps every request within 10 messages and 1 MiB', async () => {
    await fc.assert(
      fc.asyncProperty(items, async (list) => {
        for (const pack of await packAll(list)) {
          expect(pack.length).toBeLessThanOrEqual(10);
          expect(total(pack)).toBeLessThanOrEqual(1_048_576);
        }
      }),
    );
  });

  it('starts a new request only when the next message does not fit', async () => {
    await fc.assert(
      fc.asyncProperty(items, async (list) => {
        const packs = await packAll(list);
        for (const [index, pack] of packs.slice(0, -1).entries()) {
          const next = packs[index + 1]?.[0];
          expect(pack.length === MAX_ENTRIES || total(pack) + (next?.bytes ?? 0) > MAX_BYTES).toBe(true);
        }
      }),
    );
  });

  it('waits 20 ms for company, counted from the first message', async () => {
    const clock = fakeClock();
    const after = (ms: number) => clock.sleep(ms).then(() => ({ bytes: 1, ms }));
    const source = sourceOf([after(0), after(15), after(30)]);

    const first = nextPack(source, clock);
    await clock.advance(20);
    expect(await first).toEqual([
      { bytes: 1, ms: 0 },
      { bytes: 1, ms: 15 },
    ]);
    const second = nextPack(source, clock);
    await clock.advance(10);
    expect(await second).toEqual([{ bytes: 1, ms: 30 }]);
  });

  it('leaves no timer behind', async () => {
    const clock = fakeClock();

    await nextPack(sourceOf([{ bytes: 1 }]), clock);

    expect(clock.sleeping).toBe(0);
  });

  it('hands over what came before a failure, then fails, as often as it is asked', async () => {
    const clock = fakeClock();
    const failing: Peekable<Sized>['peek'] = () => Promise.reject(new Error('no more'));
    const source = sourceOf([{ bytes: 1 }]);
    const { take } = source;
    source.take = () => {
      take();
      source.peek = failing;
    };

    expect(await nextPack(source, clock)).toEqual([{ bytes: 1 }]);
    await expect(nextPack(source, clock)).rejects.toThrow('no more');
    await expect(nextPack(source, clock)).rejects.toThrow('no more');
  });
});
