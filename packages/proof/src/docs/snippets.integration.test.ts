import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const documents = [
  'README.md',
  'docs/client.md',
  'docs/handler.md',
  'docs/http.md',
  'docs/observability.md',
  'packages/adapters/README.md',
  'packages/client/README.md',
  'packages/lambda/README.md',
];

/** What a reader would bring along. */
const READERS_OWN = `
declare function sendToApi(key: string, payload: unknown, options: object): Promise<void>;
interface User { accountId: string; suspended?: boolean; operator?: boolean }
declare function userOf(request: Request): Promise<User | undefined>;
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(root, 'packages/proof/node_modules/.snippets-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.each(documents)('every TypeScript example of %s compiles', async (document) => {
  const snippets = [...(await readFile(join(root, document), 'utf8')).matchAll(/```ts\n(.*?)```/gs)];
  expect(snippets.length).toBeGreaterThan(0);
  const name = document.replaceAll(/\W/g, '-');
  const files = snippets.map((_, index) => join(folder, `${name}-${index}.ts`));
  await Promise.all(
    files.map((file, index) => writeFile(file, `${snippets[index]?.[1] ?? ''}${READERS_OWN}`)),
  );
  const config = join(folder, `${name}.json`);
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: { noPropertyAccessFromIndexSignature: false },
      files: [...files, join(root, 'packages/lambda/src/lua.d.ts')],
    }),
  );
  const complaints = await promisify(execFile)('tsc', ['-p', config]).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(complaints).toBe('');
});
