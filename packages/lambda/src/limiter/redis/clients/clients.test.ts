import { describe, expect, it } from 'vitest';
import { connectionOf, type RedisClient } from './clients.ts';

/** An object with these methods, which note how they are called and answer with their name. */
function client(names: readonly string[], extras: object = {}) {
  const calls: unknown[] = [];
  const methods = Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => (calls.push([name, ...args]), Promise.resolve(name))]),
  );
  return { redis: { ...methods, ...extras } as unknown as RedisClient, calls };
}

const [keys, args] = [
  ['{0}:a', '{0}:b'],
  ['x', 'y'],
];

describe('a script is sent', () => {
  it.each([
    ['ioredis', ['evalsha', 'eval'], {}, ['evalsha', 'sha', 2, ...keys, ...args]],
    ['node-redis', ['evalSha', 'eval'], {}, ['evalSha', 'sha', { keys, arguments: args }]],
    ['valkey-glide', ['customCommand'], {}, ['customCommand', ['EVALSHA', 'sha', '2', ...keys, ...args]]],
    // Bun 1.4 has `evalsha` and `eval`, too.
    [
      'Bun',
      ['send', 'connect', 'close', 'evalsha', 'eval'],
      { connected: true },
      ['send', 'EVALSHA', ['sha', '2', ...keys, ...args]],
    ],
  ])('in the way of %s', async (_, names, extras, call) => {
    const { redis, calls } = client(names, extras);
    await connectionOf(redis).evalsha('sha', keys, args);
    await connectionOf(redis).eval('source', keys, args);
    expect(calls[0]).toEqual(call);
    expect(JSON.stringify(calls[1])).toBe(
      JSON.stringify(call)
        .replace('evalsha', 'eval')
        .replace('evalSha', 'eval')
        .replace('EVALSHA', 'EVAL')
        .replace('sha', 'source'),
    );
  });

  it('in a pipeline of its own where automatic ones would choose a node by the script', async () => {
    const sent: unknown[] = [];
    const { redis } = client(['evalsha', 'eval'], {
      isCluster: true,
      options: { enableAutoPipelining: true },
      pipeline: (commands: unknown) => ({
        exec: async () => (
          sent.push(commands),
          sent.length === 1 ? [[null, 'reply']] : [[new Error('NOSCRIPT'), null]]
        ),
      }),
    });
    expect(await connectionOf(redis).evalsha('sha', keys, args)).toBe('reply');
    expect(sent).toEqual([[['evalsha', 'sha', 2, ...keys, ...args]]]);
    await expect(connectionOf(redis).evalsha('sha', keys, args)).rejects.toThrow('NOSCRIPT');
  });
});

describe('a cluster is known', () => {
  it.each([
    ['ioredis', ['evalsha', 'eval'], { isCluster: true }],
    ['node-redis', ['evalSha', 'eval', 'nodeClient'], {}],
    ['valkey-glide', ['customCommand', 'invokeScriptWithRoute'], {}],
  ])('of %s, and finds its primaries by itself', (_, names, extras) => {
    const { isCluster, reconnect } = connectionOf(client(names, extras).redis);
    expect({ isCluster, reconnect }).toEqual({ isCluster: true, reconnect: undefined });
  });
});

describe('a single connection is made anew', () => {
  it.each([
    ['ioredis', ['evalsha', 'eval', 'disconnect'], { status: 'ready' }, [['disconnect', true]]],
    ['node-redis', ['evalSha', 'eval', 'destroy', 'connect'], { isReady: true }, [['destroy'], ['connect']]],
    ['valkey-glide', ['customCommand'], {}, [['customCommand', ['QUIT']]]],
    ['Bun', ['send', 'connect', 'close'], { connected: true }, [['close'], ['connect']]],
  ])('by %s', (_, names, extras, expected) => {
    const { redis, calls } = client(names, extras);
    connectionOf(redis).reconnect?.();
    expect(calls).toEqual(expected);
  });

  it.each([
    ['ioredis', ['evalsha', 'eval', 'disconnect'], { status: 'connecting' }],
    ['node-redis', ['evalSha', 'eval', 'destroy', 'connect'], { isReady: false }],
    ['Bun', ['send', 'connect', 'close'], { connected: false }],
  ])('but by %s not while it is being made', (_, names, extras) => {
    const { redis, calls } = client(names, extras);
    connectionOf(redis).reconnect?.();
    expect(calls).toEqual([]);
    expect(connectionOf(redis).state?.()).toBe('connecting');
  });
});
