import { parseMessage } from '@huntaze/rate-limiter-client/contract';
import { expect, it } from 'vitest';
import { read } from './repository.fixture.ts';
import { readPage } from './tables.fixture.ts';

const page = await readPage('docs/envelope.md');
const schema = JSON.parse(await read('packages/client/envelope.schema.json')) as {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, object>>;
};

it('the documentation lists every field of the envelope, and says which are required', () => {
  const fields = Object.keys(schema.properties).map((name) => [
    name,
    schema.required.includes(name) ? 'required' : 'optional',
  ]);
  expect(page.rowsUnder('## The body')).toEqual(Object.fromEntries(fields));
});

it('the documentation shows a body that a handler reads', () => {
  const [, body] = /^```json\n(.*?)^```$/ms.exec(page.text) ?? [];
  expect(parseMessage(body)).toMatchObject({ kind: 'message', message: { key: 'account-1' } });
});
