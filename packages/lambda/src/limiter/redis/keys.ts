/** The Redis keys of an account, by its name, in the order in which every script is given them. */
export type KeyNames = (account: string) => readonly string[];

const NAMES = [
  'state',
  'log',
  'counts',
  'line',
  'due',
  'unfinished:even',
  'unfinished:odd',
  'settled:even',
  'settled:odd',
];

/**
 * All keys of one shard share a hash tag, hence a cluster slot, and a generation: what is known of the
 * server's past. A colon ends an account's name, which holds none.
 */
export function keyNames(prefix: string, shards: number): KeyNames {
  return (account) => {
    const shard = `${prefix}:{${shardOf(account, shards)}}`;
    const names = NAMES.map((name) => `${shard}:${account}:${name}`);
    names.push(`${shard}:generation`);
    return names;
  };
}

/** FNV-1a, which spreads similar names well (RFC 9923). */
function shardOf(account: string, shards: number): number {
  if (shards === 1) return 0;
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(account)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % shards;
}
