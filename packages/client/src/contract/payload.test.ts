import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { PayloadError } from './errors.ts';
import { jsonPayload, validatePayload, type PayloadSchema } from './payload.ts';

/** A schema that finds the given issues in anything. */
const finding = (
  ...issues: { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] }[]
): PayloadSchema => ({
  '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
});

describe('validatePayload', () => {
  it("gives the schema's output", async () => {
    const schema = z.object({ a: z._default(z.number(), 7) });

    expect(await validatePayload(schema, {})).toEqual({ a: 7 });
    expect(await validatePayload(jsonPayload, { any: ['thing'] })).toEqual({ any: ['thing'] });
  });

  it('waits for a schema that takes its time', async () => {
    const schema: PayloadSchema = {
      '~standard': { version: 1, vendor: 'test', validate: async (value) => ({ value: [value] }) },
    };

    expect(await validatePayload(schema, 1)).toEqual([1]);
  });

  it('names the place of every problem', async () => {
    const schema = finding(
      { message: 'at the top' },
      { message: 'inside', path: ['tags', 2, { key: 'name' }] },
      { message: 'under a name that may be content', path: ['notes', 'fan@example.com'] },
    );

    await expect(validatePayload(schema, null)).rejects.toMatchObject({
      problems: [
        { path: 'payload', message: 'at the top' },
        { path: 'payload.tags[2].name', message: 'inside' },
        { path: 'payload.notes[…]', message: 'under a name that may be content' },
      ],
    });
  });
});

describe('a PayloadError', () => {
  it('holds every problem, and spells out the first twenty', () => {
    const problems = Array.from({ length: 250_000 }, (_, n) => ({ path: `payload[${n}]`, message: 'bad' }));

    const error = new PayloadError(problems);

    expect(error.problems).toHaveLength(250_000);
    expect(error.message).toMatch(/^payload\[0\]: bad; .*; payload\[19\]: bad; and 249980 more$/);
  });
});
