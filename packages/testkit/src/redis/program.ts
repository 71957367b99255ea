import { findProgram } from '../program/find.ts';
import type { Wanted } from '../program/plan.ts';

/** The server that tests run of their own. A package may start a service of its own on port 6379: that one is never used. */
export const redisServer: Wanted = {
  programs: ['redis-server', 'valkey-server'],
  title: 'Redis 7 or Valkey',
  // Fedora 41 replaced Redis by Valkey (https://fedoraproject.org/wiki/Changes/Replace_Redis_With_Valkey).
  packages: { 'apt-get': 'redis-server', apk: 'redis', dnf: 'valkey', brew: 'redis' },
  otherwise: 'set REDIS_URL to a running server',
};

/**
 * The program that `REDIS_PROGRAM` names, such as `valkey-server` where both are installed; otherwise one that is found.
 * @throws {Error} as {@link findProgram} does.
 */
export async function redisProgram(environment = process.env): Promise<string> {
  const named = environment['REDIS_PROGRAM'];
  return named === undefined || named === '' ? await findProgram(redisServer) : named;
}
