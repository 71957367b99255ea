import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

it('the documented contract suite passes as it is printed', { timeout: 60_000 }, async () => {
  const readme = await readFile(join(root, 'packages/adapters/README.md'), 'utf8');
  const snippets = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, text]) => text ?? '');
  const printed = snippets.filter((text) => text.includes("from 'node:test'"));
  expect(printed).toHaveLength(1);

  const folder = await mkdtemp(join(root, 'packages/proof/node_modules/.contract-'));
  try {
    const file = join(folder, 'contract.test.mjs');
    await writeFile(file, printed.join(''));
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--conditions=@huntaze/source',
      '--test',
      '--test-reporter=tap',
      file,
    ]).catch((failed: { stdout: string }) => failed);
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(30);
  } finally {
    await rm(folder, { recursive: true });
  }
});
