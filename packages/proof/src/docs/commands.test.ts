import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scriptsNamedIn, variablesNamedIn } from './commands.fixture.ts';
import { documentsAmong, read, repositoryFiles } from './repository.fixture.ts';

const files = await repositoryFiles();
const scripts = new Map<string, readonly string[]>();
for (const file of files.filter((path) => posix.basename(path) === 'package.json')) {
  const { scripts: own = {} } = JSON.parse(await read(file)) as { readonly scripts?: object };
  scripts.set(posix.dirname(file), Object.keys(own));
}
const code = files.filter((file) => /\.(?:tsx?|mjs|js|tf|ya?ml|json|prisma)$|\.ci\/run$/.test(file));
const sources = (await Promise.all(code.map(read))).join('\n');

describe.each(documentsAmong(files))('%s', (document) => {
  it('names scripts that are there', async () => {
    // A document of an example is read in its folder; others say where a command is run.
    const folder = posix.dirname(document);
    const there = folder.startsWith('examples/')
      ? [...(scripts.get(folder) ?? []), ...(scripts.get('.') ?? [])]
      : [...scripts.values()].flat();
    expect(scriptsNamedIn(await read(document)).filter((script) => !there.includes(script))).toEqual([]);
  });

  it('names variables of the environment that something reads', async () => {
    const named = variablesNamedIn(await read(document));
    expect(named.filter((variable) => !sources.includes(variable))).toEqual([]);
  });
});

describe('what a document names', () => {
  it('is found among its words', () => {
    const text = '`npx pnpm@12 sim --seeds 20`, `npx -y pnpm@12 --silent start`, `npx pnpm@12 install`';
    expect(scriptsNamedIn(text)).toEqual(['sim', 'start']);
    expect(variablesNamedIn('`REDIS_URL=redis://…`, `DEEP`, `MAX_VALUE`, SHOUTED_WORDS')).toEqual([
      'REDIS_URL',
      'MAX_VALUE',
    ]);
  });
});
