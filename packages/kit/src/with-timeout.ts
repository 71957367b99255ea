/** The part of a `Clock` that a timeout needs. */
export interface Sleeper {
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** How long to wait for an answer, in milliseconds of which clock. */
export interface Timeout {
  readonly clock: Sleeper;
  readonly timeoutMs: number;
}

/**
 * Waits for the answer of a call for at most `timeoutMs`, so that nothing outside this process can hang it. The signal
 * that the call gets aborts when the wait ends without an answer, and never after one: a signal that aborts later costs
 * kept-alive connections their life.
 * @throws {DOMException} named `TimeoutError` when there was no answer in time; otherwise what `call` throws.
 */
export async function withTimeout<Answer>(
  timeout: Timeout,
  call: (signal: AbortSignal) => Answer | PromiseLike<Answer>,
): Promise<Answer> {
  const over = new AbortController();
  const answer = (async () => await call(over.signal))();
  return await answerInTime(timeout, answer, (error) => over.abort(error));
}

/**
 * The same for an answer that is on its way.
 * @param onTimeout called with the error when the wait ends without an answer.
 */
export async function answerInTime<Answer>(
  { clock, timeoutMs }: Timeout,
  answer: PromiseLike<Answer>,
  onTimeout?: (error: DOMException) => void,
): Promise<Answer> {
  const answered = new AbortController();
  const expire = async (): Promise<Answer> => {
    await clock.sleep(timeoutMs, answered.signal);
    if (answered.signal.aborted) return await answer;
    const error = new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError');
    onTimeout?.(error);
    throw error;
  };
  try {
    return await Promise.race([answer, expire()]);
  } finally {
    // With a reason of its own: without one, an error with its stack would be made for every call.
    answered.abort('answered');
  }
}

/** A clock whose sleepers wake when a signal aborts, too. A timeout by it ends then, as if its time was over. */
export function awokenBy(signal: AbortSignal, clock: Sleeper): Sleeper {
  return {
    sleep: (ms, own) => clock.sleep(ms, own === undefined ? signal : AbortSignal.any([signal, own])),
  };
}

/** Whether an error is that of a timeout. */
export function isTimeoutError(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
