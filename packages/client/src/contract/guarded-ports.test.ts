import { describe, expect, it } from 'vitest';
import { guardPorts, silentLogger, silentMetrics, silentTracer } from './index.ts';
import type { Metrics, Span, Tracer } from './index.ts';

const quiet = { logger: silentLogger, metrics: silentMetrics, tracer: silentTracer };
const guardMetrics = (metrics: Metrics) => guardPorts({ ...quiet, metrics }).metrics;
const startSpan = (span: Span) => {
  const tracer: Tracer = { startSpan: () => span };
  return guardPorts({ ...quiet, tracer }).tracer.startSpan('rate-limiter.send');
};

describe('guarded metrics', () => {
  it('hand over what is kept, and wait until it is', async () => {
    const done: string[] = [];
    const metrics = guardMetrics({
      record: () => {},
      flush: async () => {
        await Promise.resolve();
        done.push('flushed');
      },
    });

    await metrics.flush();

    expect(done).toEqual(['flushed']);
  });

  it.each<[string, Partial<Metrics>]>([
    ['keep nothing', {}],
    ['reject', { flush: () => Promise.reject(new Error('down')) }],
    [
      'throw',
      {
        flush: () => {
          throw new Error('down');
        },
      },
    ],
    ['give no promise', { flush: (() => 'done') as never }],
  ])('may %s', async (_, flush) => {
    await expect(guardMetrics({ record: () => {}, ...flush }).flush()).resolves.toBeUndefined();
  });
});

describe('a guarded span', () => {
  it('runs work inside the span, once', async () => {
    let active = false;
    const seen: boolean[] = [];
    const span = startSpan({
      context: undefined,
      end: () => {},
      async run(work) {
        active = true;
        const result = work();
        active = false;
        return await result;
      },
    });

    expect(await span.run(async () => seen.push(active))).toBe(1);
    expect(seen).toEqual([true]);
  });

  it.each<[string, Partial<Span>]>([
    ['cannot run work', {}],
    [
      'throws before it',
      {
        run: () => {
          throw new Error('of the tracer');
        },
      },
    ],
    [
      'throws after it',
      {
        run(work) {
          void work();
          throw new Error('of the tracer');
        },
      },
    ],
    ['forgets it', { run: () => Promise.resolve(undefined as never) }],
    [
      'loses its result',
      {
        async run(work) {
          await work();
          throw new Error('of the tracer');
        },
      },
    ],
  ])('runs work once although the tracer %s', async (_, run) => {
    let runs = 0;
    const span = startSpan({ context: undefined, end: () => {}, ...run });

    expect(await span.run(async () => ++runs)).toBe(1);
    expect(runs).toBe(1);
  });

  it('gives what the work throws, also when it throws at once', async () => {
    const span = startSpan({ context: undefined, end: () => {}, run: (work) => work() });
    const failure = new Error('of the work');

    await expect(span.run(() => Promise.reject(failure))).rejects.toBe(failure);
    await expect(
      span.run(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
  });
});
