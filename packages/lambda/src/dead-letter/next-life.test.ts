import { parseMessage, serializeMessage } from '@huntaze/rate-limiter-client/contract';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message } from '../testing/records.ts';
import { inNextLife } from './next-life.ts';

const MAX = 1_048_576;

function parsed(body: string | undefined) {
  const read = parseMessage(body);
  if (read.kind !== 'message') throw new Error(`expected a message, found ${read.kind}`);
  return read.message;
}

/** A body of exactly so many bytes. */
function sized(bytes: number, overrides: Parameters<typeof message>[0] = {}): string {
  const empty = serializeMessage(message({ ...overrides, payload: '' }));
  return serializeMessage(message({ ...overrides, payload: 'x'.repeat(bytes - Buffer.byteLength(empty)) }));
}

describe('the next life of a message', () => {
  it('is the same message, in the same words', () => {
    const body =
      '{"v":1, "id":"a","key":"k","priority":"low","enqueuedAtMs":7,"payload":{"n":1.0,"n":2,"life":9},"own":[]} \n';

    expect(inNextLife(body, MAX)).toBe(`${body.trimEnd().slice(0, -1)},"life":2}`);
  });

  it('counts on, and grows no body twice', () => {
    const body = serializeMessage(message());
    const second = inNextLife(body, MAX)!;
    const third = inNextLife(second, MAX)!;

    expect(parsed(third)).toEqual({ ...message(), life: 3 });
    expect(third).toHaveLength(second.length);
  });

  it('is one more than that of whoever writes bodies', () => {
    const body = serializeMessage(message({ life: 4 })).replace('{', '{"life":3,');

    expect(parsed(inNextLife(body, MAX)).life).toBe(5);
  });

  it('belongs to the message, whatever its payload ends with', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 1_000 }), (payload, life) => {
        const before = message({ payload: payload as string, ...(life > 1 && { life }) });
        const after = parsed(inNextLife(serializeMessage(before), MAX));
        expect(after).toEqual({ ...parsed(serializeMessage(before)), life: life + 1 });
      }),
    );
    for (const payload of [',"life":7', { life: 7 }, [',"life":7}']])
      expect(parsed(inNextLife(serializeMessage(message({ payload })), MAX))).toEqual(
        message({ payload, life: 2 }),
      );
  });

  it('of a body without room for it leaves out the trace, and then the time', () => {
    const traced = sized(MAX, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    const plain = sized(MAX);

    const untraced = inNextLife(traced, MAX);
    const untimed = inNextLife(plain, MAX);

    const { traceparent: _, ...rest } = parsed(traced);
    expect(parsed(untraced)).toEqual({ ...rest, life: 2 });
    expect(parsed(untimed)).toEqual({ ...parsed(plain), enqueuedAtMs: 0, life: 2 });
    expect(Buffer.byteLength(untimed!)).toBeLessThanOrEqual(MAX);
  });

  it('is none where even that does not help, or where there was no message', () => {
    expect(inNextLife(sized(MAX, { enqueuedAtMs: 0 }), MAX)).toBeUndefined();
    expect(inNextLife('not ours', MAX)).toBeUndefined();
  });

  it('of a body that is mostly white space is found at once', () => {
    const body = serializeMessage(message()).replace(/\}$/, `${' '.repeat(900_000)}}${' '.repeat(9)}`);
    const startedMs = performance.now();

    expect(parsed(inNextLife(body, MAX)).life).toBe(2);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});
