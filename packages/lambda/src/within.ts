import type { Clock } from '@huntaze/rate-limiter-client/contract';

/**
 * Waits for the answer of a call for at most `timeoutMs`, so that nothing outside this process can hang it. The signal
 * aborts when the time is up: what listens can let go of its connection.
 * @throws {DOMException} named `TimeoutError` when there was no answer in time; otherwise what `call` throws.
 */
export async function within<Answer>(
  clock: Clock,
  timeoutMs: number,
  call: (signal: AbortSignal) => Answer | PromiseLike<Answer>,
): Promise<Answer> {
  const over = new AbortController();
  const answer = (async () => await call(over.signal))();
  return await inTime(clock, timeoutMs, answer, (error) => over.abort(error));
}

/** The same for an answer that is on its way. `expired` is told when the time is up. */
export async function inTime<Answer>(
  clock: Clock,
  timeoutMs: number,
  answer: PromiseLike<Answer>,
  expired?: (error: DOMException) => void,
): Promise<Answer> {
  const answered = new AbortController();
  const expire = async (): Promise<Answer> => {
    await clock.sleep(timeoutMs, answered.signal);
    if (answered.signal.aborted) return await answer;
    const error = new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError');
    expired?.(error);
    throw error;
  };
  try {
    return await Promise.race([answer, expire()]);
  } finally {
    // With a reason of its own: without one, an error with its stack would be made for every call.
    answered.abort('answered');
  }
}
