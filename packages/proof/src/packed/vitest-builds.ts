import { join } from 'node:path';
import { assertBuilt } from './built.ts';

const packages = join(import.meta.dirname, '../../..');

/** A file of each package that every build writes, without declarations too. */
const builds = {
  client: 'dist/index.js',
  lambda: 'dist/index.js',
  adapters: 'dist/prisma/index.js',
};

/** Says so when tests of the build (packed packages, the quickstart, bundles) would run an older source; vitest calls it once per run. */
export async function setup(): Promise<void> {
  for (const [name, built] of Object.entries(builds)) {
    await assertBuilt(join(packages, name), built, `packages/${name}`).catch(({ message }: Error) =>
      console.warn(`Tests of the build would fail or mislead: ${message}`),
    );
  }
}
