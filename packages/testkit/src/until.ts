import { inspect } from 'node:util';
import { pause } from './pause.ts';

/** How long and how often to ask. */
export interface UntilOptions {
  /** Default 120,000 ms, for a machine that is busy with other work. Bounds the attempts, not a probe that never settles. */
  readonly timeoutMs?: number;
  /** Pause between two attempts. Default 20 ms. */
  readonly everyMs?: number;
}

/** What a probe may answer when the moment has not come. */
type NotYet = false | null | undefined;

/**
 * Asks `probe` again and again until it answers with something else than false, null or undefined, and gives that.
 * A probe that throws is asked again: the thing may be starting.
 * @param description what is waited for, as the end of "expected …".
 * @throws {Error} after `timeoutMs`, with the last answer, or the last error as its cause.
 */
export async function until<Answer>(
  description: string,
  probe: () => Answer | Promise<Answer>,
  { timeoutMs = 120_000, everyMs = 20 }: UntilOptions = {},
): Promise<Exclude<Answer, NotYet>> {
  const startedAtMs = performance.now();
  for (;;) {
    const attempt = await ask(probe);
    if (attempt.kind === 'answered' && isThere(attempt.answer)) return attempt.answer;
    if (performance.now() - startedAtMs >= timeoutMs) throw tooLate(description, timeoutMs, attempt);
    await pause(everyMs);
  }
}

type Attempt<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'threw'; readonly error: unknown };

async function ask<Answer>(probe: () => Answer | Promise<Answer>): Promise<Attempt<Answer>> {
  try {
    return { kind: 'answered', answer: await probe() };
  } catch (error) {
    return { kind: 'threw', error };
  }
}

function isThere<Answer>(answer: Answer): answer is Exclude<Answer, NotYet> {
  return answer !== false && answer !== null && answer !== undefined;
}

function tooLate(description: string, timeoutMs: number, last: Attempt<unknown>): Error {
  const found = last.kind === 'answered' ? inspect(last.answer) : `an error: ${String(last.error)}`;
  return new Error(
    `expected ${description} within ${timeoutMs} ms, found ${found}`,
    last.kind === 'threw' ? { cause: last.error } : undefined,
  );
}
