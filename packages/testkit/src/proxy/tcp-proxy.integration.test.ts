import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

/** A server that answers each request with its name and the request, behind a proxy. */
async function open() {
  const received: string[] = [];
  const listen = async (name: string) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        received.push(String(chunk));
        socket.write(`${name}: ${String(chunk)}`);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closings.push(() => server.close());
    return (server.address() as AddressInfo).port;
  };
  const proxy = await startTcpProxy(await listen('first'));
  closings.unshift(() => proxy.stop());
  return { proxy, listen, received };
}

async function dial(port: number) {
  const socket: Socket = connect({ host: '127.0.0.1', port }).setEncoding('utf8');
  const replies: string[] = [];
  const state = { ended: 'no' };
  socket.on('data', (text: string) => replies.push(text));
  socket.on('error', (error: Error & { code?: string }) => (state.ended = error.code ?? 'error'));
  closings.unshift(() => socket.destroy());
  await once(socket, 'connect');
  const ask = async (text: string) => {
    socket.write(text);
    const before = replies.length;
    await until(`a reply to ${text}`, () => replies.length > before, { everyMs: 2 });
    return replies.at(-1);
  };
  return { socket, replies, state, ask };
}

describe('startTcpProxy', () => {
  it('passes everything on', async () => {
    const { proxy } = await open();
    const line = await dial(proxy.port);
    expect([await line.ask('a'), await line.ask('b')]).toEqual(['first: a', 'first: b']);
  });

  it('makes replies late, and heals', async () => {
    const { proxy } = await open();
    const line = await dial(proxy.port);
    const time = async () => {
      const startedMs = performance.now();
      await line.ask('a');
      return performance.now() - startedMs;
    };
    proxy.slow(100);
    expect(await time()).toBeGreaterThanOrEqual(99);
    // Longer than a reply is waited for: it would not come.
    proxy.slow(600_000);
    proxy.heal();
    expect(await line.ask('b')).toBe('first: b');
  });

  it('lets nothing pass while it hangs, and everything in its order afterwards', async () => {
    const { proxy, received } = await open();
    const line = await dial(proxy.port);
    await line.ask('a');
    proxy.hang();
    line.socket.write('b');
    const other = await dial(proxy.port);
    other.socket.write('c');
    await expect(until('a reply', () => received.length > 1, { timeoutMs: 100 })).rejects.toThrow('a reply');
    proxy.heal();
    await until('both replies', () => line.replies.length === 2 && other.replies.length === 1);
    expect(received.toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('resets every connection and serves new ones', async () => {
    const { proxy } = await open();
    const line = await dial(proxy.port);
    await line.ask('a');
    proxy.reset();
    await until('a reset', () => line.state.ended === 'ECONNRESET');
    expect(await (await dial(proxy.port)).ask('b')).toBe('first: b');
  });

  it('drops one reply after the request arrived, and no other', async () => {
    const { proxy, received } = await open();
    const line = await dial(proxy.port);
    const dropped = proxy.dropReplyTo('pay');
    expect(await line.ask('look')).toBe('first: look');
    line.socket.write('pay');
    await dropped;
    await until('a reset', () => line.state.ended === 'ECONNRESET');
    expect(line.replies).toEqual(['first: look']);
    expect(received).toEqual(['look', 'pay']);
    expect(await (await dial(proxy.port)).ask('pay')).toBe('first: pay');
  });

  it('leads elsewhere when told to', async () => {
    const { proxy, listen } = await open();
    const line = await dial(proxy.port);
    await line.ask('a');
    proxy.retarget(await listen('second'));
    await until('a reset', () => line.state.ended === 'ECONNRESET');
    expect(await (await dial(proxy.port)).ask('b')).toBe('second: b');
  });

  it('leads new connections elsewhere, and leaves open ones where they are', async () => {
    const { proxy, listen } = await open();
    const line = await dial(proxy.port);
    await line.ask('a');
    proxy.lead(await listen('second'));
    expect(await line.ask('b')).toBe('first: b');
    expect(await (await dial(proxy.port)).ask('c')).toBe('second: c');
  });

  it('loses what is open without telling anybody, and serves new connections', async () => {
    const { proxy, received } = await open();
    const line = await dial(proxy.port);
    await line.ask('a');
    proxy.vanish();
    line.socket.end('b');
    const other = await dial(proxy.port);
    expect(await other.ask('c')).toBe('first: c');
    expect({ received, replies: line.replies, ended: line.state.ended }).toEqual({
      received: ['a', 'c'],
      replies: ['first: a'],
      ended: 'no',
    });
    expect(line.socket.readableEnded).toBe(false);
  });

  it('resets its callers when nobody listens behind it', async () => {
    const { proxy } = await open();
    proxy.retarget(1);
    const line = await dial(proxy.port);
    await until('an end', () => line.state.ended !== 'no');
    await proxy.stop();
    await proxy.stop();
    expect(line.state.ended).toBe('ECONNRESET');
  });
});
