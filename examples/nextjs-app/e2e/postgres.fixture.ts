import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openTestPostgres, postgresService } from '@huntaze/testkit';

/** A database of the app's own. */
export interface AppPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** An empty database on the server that the tests share, or one of our own. */
export async function postgresForApp(): Promise<AppPostgres> {
  const service = await postgresService();
  const { url, close } = await openTestPostgres(service.url);
  return {
    url,
    stop: async () => {
      await close();
      await service.stop();
    },
  };
}

/** Makes the table of the fallback store. */
export async function migrate(url: string): Promise<void> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  await promisify(execFile)(process.execPath, ['prisma/migrate.ts'], {
    cwd,
    env: { ...process.env, DATABASE_URL: url },
  });
}
