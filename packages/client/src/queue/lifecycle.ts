import { ClientClosedError } from '../contract/index.ts';

/** Whether work may start, and when the last of it is done. */
export interface Lifecycle {
  /** Aborts with `close`, for what would go on for long. */
  readonly closed: AbortSignal;
  /** @throws {ClientClosedError} after `close`. */
  assertOpen(): void;
  /** Runs work that `close` waits for. Rejects with a {@link ClientClosedError} after `close`. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Lets nothing new start, waits for what runs, then releases. Every call returns the same promise. */
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
    run(work) {
      if (closing) return Promise.reject(new ClientClosedError());
      const result = work();
      const end = () => void running.delete(result);
      running.add(result);
      result.then(end, end);
      return result;
    },
    close() {
      if (closing) return closing;
      closing = Promise.allSettled(running).then(release);
      closed.abort('closed');
      return closing;
    },
  };
}
