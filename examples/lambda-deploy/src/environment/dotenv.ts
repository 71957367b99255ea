import { readFile, writeFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import type { Target, Variables } from './change.ts';

/** A file such as `.env.production`, as most frameworks and hosts read it. Other lines stay as they are. */
export function dotenvTarget(path: string): Target {
  return {
    name: path,
    read: async () => parseEnv(await content(path)) as Variables,
    async write(wanted) {
      const kept = (await content(path))
        .split('\n')
        .filter((line) => !(nameOf(line) in wanted))
        .join('\n')
        .trimEnd();
      const added = Object.entries(wanted).map(([name, value]) => `${name}=${quote(name, value)}`);
      await writeFile(path, [...(kept === '' ? [] : [kept]), ...added, ''].join('\n'), { mode: 0o600 });
    },
  };
}

const content = (path: string) =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });

const nameOf = (line: string) => /^\s*(?:export\s+)?(\w+)\s*=/.exec(line)?.[1] ?? '';

function quote(name: string, value: string): string {
  if (/^[\w:/.@-]*$/.test(value)) return value;
  if (/['\n\r]/.test(value)) {
    throw new Error(`${name}: expected a value without quotes and line breaks, found one that has some`);
  }
  return `'${value}'`;
}
