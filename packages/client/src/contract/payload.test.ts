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

  const schema = finding(
    { message: 'at the top' },
    { message: 'inside: found "SECRET"', path: ['tags', 1, { key: 'name' }] },
    { message: 'under a name that may be content', path: ['notes', 'fan@example.com'] },
  );
  const payload = { tags: [{}, { name: 'SECRET' }] };

  it('tells of every problem its place, by positions, and the kind of what is there', async () => {
    await expect(validatePayload(schema, payload)).rejects.toMatchObject({
      problems: [
        { path: 'payload', message: 'expected what the payload schema accepts, found an object' },
        { path: 'payload[0][1][0]', message: 'expected what the payload schema accepts, found a string' },
        { path: 'payload[?]', message: 'expected what the payload schema accepts, found nothing' },
      ],
    });
  });

  it("repeats the schema's own words where that is wanted", async () => {
    await expect(validatePayload(schema, payload, { schemaMessages: true })).rejects.toMatchObject({
      problems: [
        { path: 'payload', message: 'at the top' },
        { path: 'payload.tags[1].name', message: 'inside: found "SECRET"' },
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
