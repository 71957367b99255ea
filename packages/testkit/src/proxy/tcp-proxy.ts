import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { pause } from '../pause.ts';
import { until } from '../until.ts';

/** A stretch of network that does as it is told. It starts out faultless. */
export interface TcpProxy {
  /** On 127.0.0.1. Stays the same whatever happens behind it. */
  readonly port: number;
  /** From now on every reply is late by so many milliseconds. */
  slow(latencyMs: number): void;
  /** From now on nothing passes, in either direction, and nobody is told. */
  hang(): void;
  /** Ends `slow` and `hang`: what was held back passes, in its order. */
  heal(): void;
  /** Resets every connection. New ones are served. */
  reset(): void;
  /**
   * Waits for the next request that contains `text` and lets it through; of the reply nothing arrives, and the
   * connection is reset. For protocols whose requests are sent in one piece.
   * @throws {Error} when there was no such request within 10 s.
   */
  dropReplyTo(text: string): Promise<void>;
  /** How many replies were dropped so far. */
  dropped(): number;
  /** From now on another port of 127.0.0.1 is behind it; every connection is reset. */
  retarget(port: number): void;
  /** From now on new connections lead to another port of 127.0.0.1; those that are open stay where they are. */
  lead(port: number): void;
  /**
   * What is open is lost, and nobody is told: not one more byte passes, nor the end of a connection. New connections are
   * served.
   */
  vanish(): void;
  /** Closes every connection. May be called again. */
  stop(): Promise<void>;
}

/** What happens to bytes on their way. */
type Weather =
  | { readonly kind: 'clear' }
  | { readonly kind: 'slow'; readonly latencyMs: number }
  | { readonly kind: 'hung'; readonly healed: Promise<void>; heal(): void };

/** A reply that shall not arrive. */
interface Drop {
  readonly text: string;
  requested: boolean;
  done: boolean;
}

/** Both ends of one connection. */
interface Line {
  readonly client: Socket;
  readonly server: Socket;
  lost: boolean;
}

/** Starts a proxy before a port of 127.0.0.1. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  let target = targetPort;
  let weather: Weather = { kind: 'clear' };
  let drop: Drop | undefined;
  let dropped = 0;
  const lines = new Set<Line>();

  const cut = (line: Line) => {
    lines.delete(line);
    line.client.resetAndDestroy();
    line.server.destroy();
  };
  const reset = () => lines.forEach(cut);
  const change = (next: Weather) => {
    const before = weather;
    weather = next;
    if (before.kind === 'hung') before.heal();
  };
  const delay = async (direction: 'request' | 'reply') => {
    while (weather.kind === 'hung') await weather.healed;
    if (weather.kind === 'slow' && direction === 'reply') await pause(weather.latencyMs);
  };
  const onRequest = (chunk: Buffer) => {
    if (drop && !drop.requested) drop.requested = chunk.includes(drop.text);
  };
  const onReply = (line: Line) => {
    if (!drop?.requested || drop.done) return;
    drop.done = true;
    dropped++;
    cut(line);
  };

  // Half open, so that a connection that is lost does not answer the end of one either.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const to = { host: '127.0.0.1', port: target, allowHalfOpen: true };
    const line: Line = { client, server: connect(to), lost: false };
    lines.add(line);
    for (const socket of [client, line.server]) {
      socket.setNoDelay();
      socket.once('error', () => cut(line)).once('close', () => cut(line));
    }
    const isLost = () => line.lost;
    void carry({
      from: client,
      to: line.server,
      isLost,
      delay: () => delay('request'),
      look: onRequest,
    });
    void carry({
      from: line.server,
      to: client,
      isLost,
      delay: () => delay('reply'),
      look: () => onReply(line),
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    slow: (latencyMs) => change({ kind: 'slow', latencyMs }),
    hang: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      change({ kind: 'hung', healed: promise, heal: resolve });
    },
    heal: () => change({ kind: 'clear' }),
    reset,
    async dropReplyTo(text) {
      const own: Drop = { text, requested: false, done: false };
      drop = own;
      await until(`a reply to a request with ${text}`, () => own.done, { everyMs: 5 });
    },
    dropped: () => dropped,
    retarget(port) {
      target = port;
      reset();
    },
    lead: (port) => void (target = port),
    vanish: () => lines.forEach((line) => (line.lost = true)),
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      change({ kind: 'clear' });
      reset();
      await closed;
    },
  };
}

interface Way {
  readonly from: Socket;
  readonly to: Socket;
  isLost(): boolean;
  delay(): Promise<void>;
  look(chunk: Buffer): void;
}

/** Carries bytes from one socket to the other, in their order, each as late as `delay` says, until the way is lost. */
async function carry({ from, to, isLost, delay, look }: Way): Promise<void> {
  let last = Promise.resolve();
  from.on('data', (chunk: Buffer) => {
    const due = delay();
    last = last.then(async () => {
      await due;
      if (isLost()) return;
      look(chunk);
      if (!to.destroyed) to.write(chunk);
    });
  });
  await once(from, 'end').catch(() => {});
  await last;
  if (!isLost()) to.end();
}
