import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { coalescer } from './coalesce.ts';

interface Item {
  readonly name: string;
  readonly bytes: number;
}

/** A coalescer whose requests a test answers by hand; the result of an item is its name. */
function makeCoalescer({ maxRequests = 16 } = {}) {
  const clock = fakeClock();
  const requests: { names: string[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const shared = coalescer<Item, string>({
    maxWaitMs: 5,
    maxRequests,
    clock,
    dispatch(pack) {
      const names = pack.map(({ name }) => name);
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      requests.push({ names, answer: () => resolve(names), fail: reject });
      return promise;
    },
  });
  const add = (name: string, bytes = 1) => shared.add({ name, bytes });
  const sizes = () => requests.map(({ names }) => names.length);
  return { shared, add, clock, requests, sizes };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `m-${index}`);

describe('coalescing', () => {
  it('lets a lone item leave at once', async () => {
    const { add, requests } = makeCoalescer();

    void add('a');

    expect(requests.map((request) => request.names)).toEqual([['a']]);
  });

  it('packs what comes while a request is under way, ten to a request', async () => {
    const { add, requests, sizes } = makeCoalescer();

    const results = names(1_000).map((name) => add(name));
    for (let next = 0; next < 105; next++) {
      requests[next]?.answer();
      await Promise.resolve();
      await new Promise(setImmediate);
    }

    expect(await Promise.all(results)).toEqual(names(1_000));
    expect(sizes()).toEqual([1, ...Array.from({ length: 99 }, () => 10), 9]);
  });

  it('lets a pack leave after 5 ms, or as soon as nothing is under way', async () => {
    const { add, clock, requests, sizes } = makeCoalescer();
    void add('a');
    void add('b');
    await clock.advance(4);
    expect(sizes()).toEqual([1]);
    await clock.advance(1);
    expect(sizes()).toEqual([1, 1]);

    void add('c');
    void add('d');
    requests[0]?.answer();
    requests[1]?.answer();
    await clock.advance(0);

    expect(sizes()).toEqual([1, 1, 2]);
    expect(clock.sleeping).toBe(0);
  });

  it('keeps a request within 1 MiB, and the order of the items', async () => {
    const { add, requests, clock } = makeCoalescer();
    void add('first');

    void add('half', 524_288);
    void add('other half', 524_288);
    void add('one byte more');
    await clock.advance(5);

    expect(requests.map((request) => request.names)).toEqual([
      ['first'],
      ['half', 'other half'],
      ['one byte more'],
    ]);
  });

  it('keeps no more requests under way than allowed, and fills packs meanwhile', async () => {
    const { add, clock, requests, sizes } = makeCoalescer({ maxRequests: 1 });

    const results = names(25).map((name) => add(name));
    await clock.advance(1_000);
    expect(sizes()).toEqual([1]);
    for (const next of [0, 1, 2, 3]) {
      requests[next]?.answer();
      await clock.advance(0);
    }

    expect(sizes()).toEqual([1, 10, 10, 4]);
    expect(await Promise.all(results)).toEqual(names(25));
  });

  it('waits for no company once it shall flush', async () => {
    const { shared, add, sizes } = makeCoalescer();
    void add('a');
    void add('b');

    shared.flush();
    void add('c');

    expect(sizes()).toEqual([1, 1, 1]);
  });

  it('gives the failure of a request to its own items alone', async () => {
    const { add, clock, requests } = makeCoalescer();
    const fates = ['a', 'b', 'c'].map((name) => add(name).catch((error: Error) => error.message));
    await clock.advance(5);

    requests[1]?.fail(new Error('no'));
    requests[0]?.answer();

    expect(await Promise.all(fates)).toEqual(['a', 'no', 'no']);
  });
});
