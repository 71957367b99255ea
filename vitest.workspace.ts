import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';

/** Loads a Lua script as its text, as the build does. */
const luaAsText = {
  name: 'lua-as-text',
  enforce: 'pre' as const,
  async load(id: string) {
    if (!id.endsWith('.lua')) return undefined;
    return `export default ${JSON.stringify(await readFile(id, 'utf8'))}`;
  },
};

/** Tests run our packages from source; the build is tested from packed tarballs. */
const fromSource = {
  plugins: [luaAsText],
  resolve: { conditions: ['@huntaze/source'] },
  ssr: { resolve: { conditions: ['@huntaze/source'], externalConditions: ['@huntaze/source'] } },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          sequence: { groupOrder: 1 },
          include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
          typecheck: {
            enabled: true,
            checker: 'tsc',
            include: ['packages/*/src/**/*.test-d.ts'],
            tsconfig: 'tsconfig.json',
          },
        },
      },
      {
        ...fromSource,
        test: {
          name: 'integration',
          // After the unit tests and one file at a time: some of these measure time.
          sequence: { groupOrder: 2 },
          include: ['packages/*/src/**/*.integration.test.ts', 'examples/*/src/**/*.integration.test.ts'],
          globalSetup: [
            'packages/testkit/src/vitest-services.ts',
            'packages/proof/src/faults/vitest-table.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
