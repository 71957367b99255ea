import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Target, Variables } from './change.ts';

/** A branch of an app on AWS Amplify, through the AWS CLI. The next build of the branch sees the change. */
export function amplifyTarget(appId: string, branchName: string): Target {
  const read = async (): Promise<Variables> => {
    const { stdout } = await aws('get-branch', '--app-id', appId, '--branch-name', branchName);
    const { branch } = JSON.parse(stdout) as { branch: { environmentVariables?: Variables } };
    return branch.environmentVariables ?? {};
  };
  return {
    name: `branch ${branchName} of Amplify app ${appId}`,
    read,
    async write(wanted) {
      refuseReserved(wanted);
      // Amplify replaces all variables of a branch, so those that are not ours are sent back as they were.
      const environmentVariables = { ...(await read()), ...wanted };
      const folder = await mkdtemp(join(tmpdir(), 'set-env-'));
      try {
        // A file, because everybody on a machine can read the arguments of a command.
        const input = join(folder, 'branch.json');
        await writeFile(input, JSON.stringify({ appId, branchName, environmentVariables }), { mode: 0o600 });
        await aws('update-branch', '--cli-input-json', `file://${input}`);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  };
}

/**
 * Amplify refuses these for all variables together, after it has been asked.
 * https://docs.aws.amazon.com/amplify/latest/userguide/environment-variables.html
 */
function refuseReserved(wanted: Variables): void {
  const reserved = Object.keys(wanted).filter((name) => name.startsWith('AWS'));
  if (reserved.length === 0) return;
  throw new Error(
    `${reserved.join(', ')}: expected names that do not begin with AWS, which Amplify keeps for itself; the queue's URL names the region`,
  );
}

const aws = (...args: readonly string[]) =>
  promisify(execFile)('aws', ['amplify', ...args, '--output', 'json']);
