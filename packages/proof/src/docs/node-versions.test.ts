import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { runtimeNames, versionOf } from '../packed/runtimes.ts';

const read = (path: string) => readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8');

/** What npm reads, and what people do. */
const inWords: Readonly<Record<string, string>> = {
  '^22.13.0 || ^24.0.0 || >=26.0.0': 'Node 22 from 22.13, 24, or 26 and later',
};

it.each(['client', 'lambda', 'adapters'])(
  'the documents tell which versions of Node %s takes',
  async (name) => {
    const { engines } = JSON.parse(await read(`packages/${name}/package.json`)) as {
      readonly engines: { readonly node: string };
    };
    const words = inWords[engines.node];

    expect(words).toBeDefined();
    for (const path of ['README.md', 'docs/handler.md', 'docs/client.md', 'docs/runtimes.md'])
      expect(await read(path)).toContain(words);
  },
);

it.each(runtimeNames.filter((name) => !name.startsWith('Node')))(
  'the documents tell which version of %s is tested',
  async (name) => {
    const [, minor] = /^(\d+\.\d+)\./.exec(versionOf(name)) ?? [];
    expect(await read('docs/runtimes.md')).toContain(`| ${name} ${minor} |`);
  },
);
