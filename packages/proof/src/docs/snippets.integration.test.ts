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
  'docs/limiters.md',
  'docs/observability.md',
  'docs/redis.md',
  'docs/runtimes.md',
  'packages/adapters/README.md',
  'packages/client/README.md',
  'packages/lambda/README.md',
];

/** What a reader would bring along. */
const READERS_OWN = `
declare function sendToApi(key: string, payload: unknown, options: object): Promise<void>;
interface User { accountId: string; suspended?: boolean; operator?: boolean }
declare function userOf(request: Request): Promise<User | undefined>;
export {};
`;

const nameOf = (document: string) => document.replaceAll(/\W/g, '-');

let folder: string;
/** What the compiler says of all examples, in one run. */
let complaints: string;
const found = new Map<string, number>();

beforeAll(async () => {
  folder = await mkdtemp(join(root, 'packages/proof/node_modules/.snippets-'));
  const files: string[] = [];
  for (const document of documents) {
    const snippets = [...(await readFile(join(root, document), 'utf8')).matchAll(/```ts\n(.*?)```/gs)];
    found.set(document, snippets.length);
    for (const [index, [, code = '']] of snippets.entries()) {
      const file = join(folder, `${nameOf(document)}-${index}.ts`);
      await writeFile(file, `${code}${READERS_OWN}`);
      files.push(file);
    }
  }
  const config = join(folder, 'tsconfig.json');
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: { noPropertyAccessFromIndexSignature: false },
      files: [...files, join(root, 'packages/lambda/src/lua.d.ts')],
    }),
  );
  complaints = await promisify(execFile)('tsc', ['-p', config]).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
});
afterAll(() => rm(folder, { recursive: true }));

it.each(documents)('every TypeScript example of %s compiles', (document) => {
  expect(found.get(document)).toBeGreaterThan(0);
  expect(complaints.split('\n').filter((line) => line.includes(`/${nameOf(document)}-`))).toEqual([]);
});

it('no example makes the compiler complain elsewhere', () => {
  expect(complaints).toBe('');
});
