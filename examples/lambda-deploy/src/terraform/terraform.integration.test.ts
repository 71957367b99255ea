import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleFolder } from './module.fixture.ts';

/** Neither the machine's configuration nor a look for a newer version. */
const env = { ...process.env, TF_CLI_CONFIG_FILE: '', CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
const missing = spawnSync('terraform', ['version'], { env }).error !== undefined;

/** Providers that the machine has, as `terraform providers mirror` lays them out. Without it they come from the registry. */
const providers = process.env['TF_PLUGIN_DIR'];

async function terraform(folder: string, ...args: string[]): Promise<{ succeeded: boolean; output: string }> {
  const running = promisify(execFile)('terraform', args, { cwd: folder, env });
  const { stdout, stderr, code } = await running.then(
    (ended) => ({ ...ended, code: 0 }),
    (failed: { stdout: string; stderr: string; code: number }) => failed,
  );
  return { succeeded: code === 0, output: `${stdout}${stderr}` };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huntaze-terraform-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A copy of some files of the module, with changes, next to a bundle. */
async function copyOf(
  name: string,
  files: readonly string[],
  change = (text: string) => text,
): Promise<string> {
  const copy = join(folder, name, 'terraform');
  await mkdir(join(copy, 'tests'), { recursive: true });
  await mkdir(join(folder, name, 'dist'));
  await writeFile(join(folder, name, 'dist/function.zip'), 'a bundle');
  for (const file of files) {
    await writeFile(join(copy, file), change(await readFile(join(moduleFolder, file), 'utf8')));
  }
  return copy;
}

describe.skipIf(missing)('terraform (skipped without one on the PATH)', () => {
  it('finds nothing to format', async () => {
    expect(await terraform(moduleFolder, 'fmt', '-check', '-recursive', '-diff')).toEqual({
      succeeded: true,
      output: '',
    });
  });

  it('accepts the usual variables and refuses what cannot work', async () => {
    // Variables and what is computed from them need no provider, so that this runs anywhere.
    const copy = await copyOf(
      'variables',
      ['variables.tf', 'metrics.tf', 'tests/variables.tftest.hcl'],
      (text) => text.replace(/^mock_provider .*?^}\n/ms, ''),
    );

    expect(await terraform(copy, 'init', '-backend=false')).toMatchObject({ succeeded: true });
    const { output } = await terraform(copy, 'test', '-no-color');

    expect(output).toContain('19 passed, 0 failed');
  });

  it.for([
    ['that the module asks for', (text: string) => text],
    ['of a machine that has an older one', anyProvider],
  ] as const)('plans the whole module with the provider %s', async ([which, change], { skip }) => {
    const files = (await readdir(moduleFolder, { recursive: true })).filter((name) =>
      /^(?:tests\/)?[\w.]+\.(?:tf|hcl)$/.test(name),
    );
    const copy = await copyOf(which, files, change);
    const init = await terraform(
      copy,
      'init',
      '-no-color',
      ...(providers ? [`-plugin-dir=${providers}`] : []),
    );
    if (!init.succeeded) return skip(`no such provider is within reach: ${init.output.slice(0, 300)}`);

    const { output } = await terraform(copy, 'test', '-no-color', '-filter=tests/plan.tftest.hcl');

    expect(output).toContain('7 passed, 0 failed');
  });
});

/** The module for providers from before `nodejs24.x`: all else of it is older. */
function anyProvider(text: string): string {
  return text.replace('">= 6.19, < 7.0"', '">= 5.100, < 6.19"').replaceAll('"nodejs24.x"', '"nodejs22.x"');
}
