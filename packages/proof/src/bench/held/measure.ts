import type { Redis } from 'ioredis';
import { table, whole } from '../report/table.ts';
import { accounts } from './accounts.ts';
import { fill, heldBy, remove } from './fill.ts';

/** Measures what Redis holds of an account, by `MEMORY USAGE`, and describes it in Markdown. Ids are UUIDs. */
export async function measureHeld(redis: Redis, prefix: string): Promise<string> {
  const rows: string[][] = [];
  for (const [index, account] of accounts.entries()) {
    const own = `${prefix}:held:${index}`;
    await fill(redis, own, account);
    const bytes = await heldBy(redis, own);
    rows.push([account.name, whole(bytes), whole(bytes / (account.delivered + account.waiting))]);
    await remove(redis, own);
  }
  return ['Bytes of one account in Redis.', '', table(['account', 'bytes', 'bytes per message'], rows)].join(
    '\n',
  );
}
