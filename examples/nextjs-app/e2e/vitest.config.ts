import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@huntaze/source'] },
  ssr: { resolve: { conditions: ['@huntaze/source'], externalConditions: ['@huntaze/source'] } },
  test: {
    name: 'e2e',
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['./build.ts'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    // One story, told in order: what follows a failure would only wait.
    bail: 1,
  },
});
