import { ClientClosedError } from './contract/index.ts';

/** Knows whether work may start, and when the last of it is done. */
export interface Lifecycle {
  /** Aborts with `close`, for what would go on for long. */
  readonly closed: AbortSignal;
  /** @throws {ClientClosedError} after `close`. */
  assertOpen(): void;
  /** Runs work that `close` waits for. @throws {ClientClosedError} after `close`. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Lets nothing new start, waits for what runs, then releases. Every call gives the same promise. */
  close(): Promise<void>;
}

/** A lifecycle that is open; `release` is called once, at the very end. */
export function openLifecycle(release: () => void | Promise<void>): Lifecycle {
  const running = new Set<Promise<unknown>>();
  const closed = new AbortController();
  let closing: Promise<void> | undefined;

  const assertOpen = () => {
    if (closing) throw new ClientClosedError();
  };

  return {
    closed: closed.signal,
    assertOpen,
    async run(work) {
      assertOpen();
      const result = work();
      running.add(result);
      try {
        return await result;
      } finally {
        running.delete(result);
      }
    },
    close() {
      if (closing) return closing;
      closing = Promise.allSettled(running).then(release);
      closed.abort('closed');
      return closing;
    },
  };
}
