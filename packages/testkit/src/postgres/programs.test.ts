import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderFor, postgresPrograms, postgresUser } from './programs.ts';

let home: string;
let folder: string;
beforeEach(async () => {
  // The folder for temporary files may itself be closed to the user of the programs.
  const open = await folderFor(await postgresUser());
  home = await mkdtemp(join(open, 'testkit-home-'));
  folder = await mkdtemp(join(open, 'testkit-folder-'));
  await chmod(folder, 0o755);
  await mkdir(join(home, 'native/bin'), { recursive: true });
  await writeFile(join(home, 'native/bin/initdb'), '#!/bin/sh\necho run\n', { mode: 0o700 });
});
afterEach(async () => {
  for (const made of [home, folder]) await rm(made, { recursive: true });
});

const asRoot = process.getuid?.() === 0;

describe('the programs of PostgreSQL', () => {
  it('run as somebody else than root, although only root may enter the folder where they are', async () => {
    const user = await postgresUser();
    const programs = await postgresPrograms(user, folder, join(home, 'native'));
    expect(programs).toBe(asRoot ? join(folder, 'programs') : join(home, 'native'));
    expect(execFileSync(join(programs, 'bin/initdb'), { ...user, encoding: 'utf8' })).toBe('run\n');
    expect(user.uid === 0).toBe(false);
  });

  it('are not copied when their user may run them', async () => {
    await chmod(home, 0o755);
    await chmod(join(home, 'native/bin/initdb'), 0o755);
    const programs = await postgresPrograms(await postgresUser(), folder, join(home, 'native'));
    expect(programs).toBe(join(home, 'native'));
  });

  it('are put where their user may enter, although the folder for temporary files is closed to them', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = home;
    try {
      expect(await folderFor(await postgresUser())).toBe(asRoot ? '/tmp' : home);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});
