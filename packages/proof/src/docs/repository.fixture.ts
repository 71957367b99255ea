import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../../../..');

/** Reads a file by its path from the root of the repository. */
export const read = (path: string) => readFile(join(root, path), 'utf8');

/** The paths of all files that are, or would be, committed. */
export async function repositoryFiles(): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard'],
    { cwd: root, maxBuffer: 2 ** 24 },
  );
  // The index still lists what was just removed.
  return stdout
    .trim()
    .split('\n')
    .filter((file) => existsSync(join(root, file)));
}

/** The documents among them. Changesets are none: they become part of one. */
export function documentsAmong(files: readonly string[]): readonly string[] {
  return files.filter((file) => file.endsWith('.md') && !file.startsWith('.changeset/'));
}
