import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// What one process has compiled the next one need not, and tests start hundreds.
process.env['NODE_COMPILE_CACHE'] ??= pathOf('node_modules/.cache/node');

/** A test that takes longer hangs. No busy machine makes one so slow. */
const HANGS_MS = 300_000;

/**
 * Tests run our packages from source, as Node itself reads it, which rewrites no module: see decision 51.
 * The build is tested from packed tarballs.
 */
const fromSource = {
  experimental: { viteModuleRunner: false, nodeLoader: false },
  execArgv: ['--conditions=@huntaze/source', '--import', pathOf('packages/proof/src/sim/source.ts')],
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...fromSource,
          name: 'unit',
          sequence: { groupOrder: 1 },
          // Files share a process, and what it has loaded: none of them leaves anything behind.
          isolate: false,
          maxWorkers: '100%',
          testTimeout: HANGS_MS,
          include: ['packages/*/{src,test}/**/*.test.ts', 'examples/*/src/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
          typecheck: {
            enabled: true,
            checker: 'tsc',
            include: ['packages/*/{src,test}/**/*.test-d.ts'],
            tsconfig: 'tsconfig.json',
          },
        },
      },
      {
        test: {
          ...fromSource,
          name: 'integration',
          // After the unit tests, three files at a time: much of their time they wait. None of them judges by the clock.
          sequence: { groupOrder: 2 },
          isolate: false,
          maxWorkers: 3,
          include: [
            'packages/*/{src,test}/**/*.integration.test.ts',
            'examples/*/src/**/*.integration.test.ts',
          ],
          // Fetches Bun, Deno and other versions of Node: `pnpm test:runtimes`.
          exclude: process.env['RUNTIMES'] ? [] : ['packages/proof/src/packed/running.integration.test.ts'],
          globalSetup: [
            'packages/testkit/src/vitest-services.ts',
            'packages/proof/src/faults/vitest-table.ts',
            'packages/proof/src/packed/vitest-builds.ts',
          ],
          testTimeout: HANGS_MS,
          hookTimeout: HANGS_MS,
        },
      },
    ],
  },
});
