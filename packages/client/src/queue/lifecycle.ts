import { ClientClosedError } from '../contract/index.ts';

/** Whether work may start, and when the last of it is done. */
export type Lifecycle = ReturnType<typeof openLifecycle>;

/** A lifecycle that is open; `release` is called once, at the very end. */
export function openLifecycle(release: () => void | Promise<void>) {
  const running = new Set<Promise<unknown>>();
  const closed = new AbortController();
  let closing: Promise<void> | undefined;

  /** @throws {ClientClosedError} after `close`. */
  const assertOpen = () => {
    if (closing) throw new ClientClosedError();
  };

  return {
    /** Aborts with `close`, for what would go on for long. */
    closed: closed.signal,
    assertOpen,
    /** Runs work that `close` waits for. Rejects with a {@link ClientClosedError} after `close`. */
    run<Result>(work: () => Promise<Result>): Promise<Result> {
      if (closing) return Promise.reject(new ClientClosedError());
      const result = work();
      const end = () => void running.delete(result);
      running.add(result);
      result.then(end, end);
      return result;
    },
    /** Lets nothing new start, waits for what runs, then releases. Every call returns the same promise. */
    close(): Promise<void> {
      if (closing) return closing;
      closing = Promise.allSettled(running).then(release);
      closed.abort('closed');
      return closing;
    },
  };
}
