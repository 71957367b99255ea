import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleFolder } from './module.fixture.ts';

/** Neither the machine's configuration nor a look for a newer version. */
const env = { ...process.env, TF_CLI_CONFIG_FILE: '', CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
const terraform = (folder: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('terraform', args, { cwd: folder, env, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
};
const missing = spawnSync('terraform', ['version'], { env }).error !== undefined;

/** The variables and what is computed from them need no provider, so Terraform itself can test them offline. */
async function copyWhatNeedsNoProvider(folder: string): Promise<void> {
  await mkdir(join(folder, 'tests'));
  for (const name of ['variables.tf', 'metrics.tf']) await cp(join(moduleFolder, name), join(folder, name));
  const tests = await readFile(join(moduleFolder, 'tests/variables.tftest.hcl'), 'utf8');
  await writeFile(
    join(folder, 'tests/variables.tftest.hcl'),
    tests.replace('mock_provider "aws" {}\n', '').replace('mock_provider "archive" {}\n', ''),
  );
}

describe.skipIf(missing)('terraform (skipped without one on the PATH)', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'huntaze-terraform-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('finds nothing to format', () => {
    expect(terraform(moduleFolder, 'fmt', '-check', '-recursive', '-diff')).toEqual({
      status: 0,
      output: '',
    });
  });

  it('accepts the usual variables and refuses what cannot work', async () => {
    await copyWhatNeedsNoProvider(folder);
    expect(terraform(folder, 'init', '-backend=false')).toMatchObject({ status: 0 });
    const { status, output } = terraform(folder, 'test', '-no-color');
    expect(output).toContain('13 passed, 0 failed');
    expect(status).toBe(0);
  });
});
