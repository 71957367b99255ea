import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { figuresOf } from './figures.ts';
import { readGraph } from './graph.ts';
import { cellsOf, problemsOf } from './judge.ts';

let src: string;
beforeEach(async () => (src = await mkdtemp(join(tmpdir(), 'huntaze-imports-'))));
afterEach(() => rm(src, { recursive: true }));

/** Writes the files, by their paths below `src`, and measures them. */
async function figures(files: Readonly<Record<string, string>>) {
  for (const [path, code] of Object.entries(files)) {
    await mkdir(dirname(join(src, path)), { recursive: true });
    await writeFile(join(src, path), `${code}\n`);
  }
  return figuresOf(await readGraph(src));
}

const layered = {
  'index.ts': `export { handler } from './handler.ts';`,
  'handler.ts': `import { admit } from './limiter/admit.ts';\nexport const handler = admit;`,
  'limiter/admit.ts': `import type { Limit } from './limit.ts';\nimport script from './admit.lua';\nexport const admit = (_: Limit) => script;`,
  'limiter/limit.ts': `export interface Limit {\n  readonly limit: number;\n}`,
  'limiter/admit.lua': `return 1`,
  'handler.test.ts': `import './handler.ts';\nimport './index.ts';`,
  'limiter/limit.fixture.ts': `export * from '../handler.ts';`,
  'lua.d.ts': `declare module '*.lua';`,
};

describe('the figures of a package', () => {
  it('leave out tests, what only tests import, and declarations', async () => {
    expect((await figures(layered)).rootFiles).toEqual(['handler.ts', 'index.ts']);
  });

  it('count types and scripts in the longest chain', async () => {
    expect((await figures(layered)).longestChain).toEqual([
      'index.ts',
      'handler.ts',
      'limiter/admit.ts',
      'limiter/limit.ts',
    ]);
  });

  it('count lines of source in both languages', async () => {
    expect((await figures(layered)).lines).toBe(1 + 2 + 3 + 3 + 1);
  });

  it('name folders that import each other, the root among them', async () => {
    expect((await figures(layered)).mutualFolders).toEqual([]);

    const { mutualFolders } = await figures({
      'limiter/limit.ts': `export type { A } from '../a.ts';`,
      'a.ts': `export type A = 1;`,
    });
    expect(mutualFolders).toEqual(['. and limiter: handler.ts → limiter/admit.ts, limiter/limit.ts → a.ts']);
  });

  it('follow what is imported only when it is needed', async () => {
    const { longestChain } = await figures({
      'a.ts': `export const a = () => import('./b.ts');`,
      'b.ts': `export const b = 1;`,
    });
    expect(longestChain).toEqual(['a.ts', 'b.ts']);
  });

  it('take no text for an import', async () => {
    const { longestChain } = await figures({
      'a.ts': `// import './b.ts';\nexport const a = "import './b.ts'";`,
      'b.ts': `export const b = 1;`,
    });
    expect(longestChain).toEqual(['a.ts']);
  });

  it('are refused where files import each other in a circle, or cannot be read', async () => {
    const circle = { 'a.ts': `export * from './b.ts';`, 'b.ts': `export * from './a.ts';` };
    await expect(figures(circle)).rejects.toThrow('expected no circle of imports, found a.ts → b.ts → a.ts');
    await expect(figures({ 'a.ts': 'export const' })).rejects.toThrow('expected TypeScript in a.ts');
  });
});

describe('a bound', () => {
  const roomy = { rootFiles: 2, longestChain: 4, mutualFolders: 0, lines: 10 };

  it('holds as long as the figure does not pass it', async () => {
    const found = await figures(layered);
    expect(problemsOf('lambda', found, roomy)).toEqual([]);
    expect(cellsOf(found, roomy)).toEqual(['2 ≤ 2', '4 ≤ 4', '0 ≤ 0', '10 ≤ 10']);
  });

  it('names what is too much, each figure by itself', async () => {
    const found = await figures({
      ...layered,
      'limiter/limit.ts': `export type { A } from '../a.ts';`,
      'a.ts': `export type A = 1;`,
    });
    expect(problemsOf('lambda', found, { ...roomy, lines: 8 })).toEqual([
      'lambda: expected at most 2 (files in root), found 3:\n  a.ts, handler.ts, index.ts',
      'lambda: expected at most 4 (longest chain), found 5:\n  index.ts → handler.ts → limiter/admit.ts → limiter/limit.ts → a.ts',
      'lambda: expected at most 0 (folder pairs), found 1:\n  . and limiter: handler.ts → limiter/admit.ts, limiter/limit.ts → a.ts',
      'lambda: expected at most 8 (lines), found 9',
    ]);
    expect(cellsOf(found, roomy)[0]).toBe('3 > 2');
  });
});
