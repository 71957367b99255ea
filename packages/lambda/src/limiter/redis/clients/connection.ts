/** What the limiter needs of a client, whichever it is. */
export interface Connection {
  /** Whether the client knows a cluster's nodes and sends each command where its keys are. */
  readonly isCluster: boolean;
  /** Runs a script that the server knows by its digest. */
  evalsha(sha1: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Runs a script, and has the server keep it. */
  eval(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Where the connection stands, when it is known and no command can be sent: such as `connecting`. */
  state?(): string | undefined;
  /**
   * Leaves the server and connects anew, to whatever its name leads to now; nothing while it is not connected. Absent where
   * the client finds another server by itself, or cannot be told to.
   */
  reconnect?: (() => void) | undefined;
}

/** What emits `error` for a connection that failed: ioredis, iovalkey and node-redis. */
export interface Emitter {
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

/** A state of a connection, and what is likely where TLS never begins: a port without TLS waits for more. */
export function withTls(state: string | undefined, tls: unknown): string | undefined {
  return state && tls ? `${state} with TLS, which a port without TLS does not answer` : state;
}
