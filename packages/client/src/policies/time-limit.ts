import { isTaskCancelledError, timeout, TimeoutStrategy } from 'cockatiel';

/** Runs work for at most a fixed time. `signal` aborts when the time is up, or when the given one does. */
export type TimeLimit = <Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
) => Promise<Result>;

/**
 * A limit of `ms` milliseconds. Work that does not heed its signal is waited for no longer all the same.
 * @throws {DOMException} named `TimeoutError`, from the limit, when the time is up.
 */
export function timeLimit(ms: number): TimeLimit {
  // A signal that aborted after its work would cost an error per call, and kept-alive connections their life.
  const policy = timeout(ms, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
  return async (work, signal) => {
    try {
      return await policy.execute((context) => work(context.signal), signal);
    } catch (error) {
      if (!isTaskCancelledError(error)) throw error;
      throw new DOMException(`no answer within ${ms} ms`, 'TimeoutError');
    }
  };
}

/** Whether an error is that of a limit. */
export function isTimeUp(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
