import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as lambda from '@huntaze/rate-limiter-lambda';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../../..');
let page: string;
let source: string;

beforeAll(async () => {
  page = await readFile(join(root, 'docs/handler.md'), 'utf8');
  const texts: string[] = [];
  for await (const file of glob(join(root, 'packages/lambda/src/**/*.ts'))) {
    if (!file.includes('.test')) texts.push(await readFile(file, 'utf8'));
  }
  source = texts.join('\n');
});

/** The text of an interface. */
const interfaceOf = (name: string) =>
  new RegExp(String.raw`^export interface ${name}\b[^{]*\{\n(.*?)\n\}`, 'ms').exec(source)?.[1] ?? '';

/** The members of an interface, and the default that the docstring of each tells. */
function optionsOf(name: string, path = ''): Record<string, string> {
  const member = /(?:\/\*\*((?:[^*]|\*(?!\/))*)\*\/\n)? {2}readonly (\w+)(\?)?:/g;
  return Object.fromEntries(
    [...interfaceOf(name).matchAll(member)].map(([, comment = '', option, optional]) => {
      const text = comment.replaceAll(/\s*\n\s*\* ?/g, ' ');
      const [, told] = /\bDefault:? (.*?)(?=[.,;:](?:\s|$))/.exec(text) ?? [];
      return [`${path}${option}`, told ?? (optional ? 'what its docstring does not tell' : 'required')];
    }),
  );
}

/** The first cell of each row of the tables under a heading, and the second one up to a comma. */
function rowsUnder(heading: string): Record<string, string> {
  const [, section = ''] = page.split(`\n${heading}\n`);
  const [own = ''] = section.split(/^#{2,3} /m);
  const rows = own.matchAll(/^\| `([\w.]+)`[^|]* \| ([^|]*?)(?:, [^|]*)? +\|/gm);
  return Object.fromEntries([...rows].map(([, name = '', cell = '']) => [name, cell]));
}

it.each([
  ['## createHandler', () => ({ ...optionsOf('HandlerOptions'), ...optionsOf('Backoff', 'backoff.') })],
  ['## redisLimiter', () => optionsOf('RedisLimiterOptions')],
  ['## memoryLimiter', () => optionsOf('MemoryLimiterOptions')],
  ['## createWorker', () => optionsOf('WorkerOptions')],
  ['### stop', () => optionsOf('StopOptions')],
  ['### retryAfterFrom', () => optionsOf('RetryAfterOptions')],
])('the tables under %s have every option with its default, and no other', (heading, options) => {
  expect(Object.keys(options())).not.toEqual([]);
  expect(rowsUnder(heading)).toEqual(options());
});

describe.each([
  ['### What deliver gets', 'DeliverContext'],
  ['## Operators', 'LimiterOperations'],
])('the table under %s', (heading, name) => {
  it('has every member and no other', () => {
    const members = interfaceOf(name).matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm);
    expect(new Set(Object.keys(rowsUnder(heading)))).toEqual(
      new Set([...members].map(([, member]) => member)),
    );
    expect(rowsUnder(heading)).not.toEqual({});
  });
});

it('the page names everything that the package gives', () => {
  expect(Object.keys(lambda).filter((name) => !page.includes(`\`${name}`))).toEqual([]);
});
