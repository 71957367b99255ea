import { namesAmong, withTimeout } from '@huntaze/kit';
import type { Clock, Unavailable } from '../contract/index.ts';

/** A value, or a function that returns it: of a feature flag, a configuration, a file. It is called again and again. */
export type Setting<Value> = Value | (() => Value | Promise<Value>);

/** How a setting is watched. */
export interface WatchOptions<Value> {
  /** The value until the function has returned one for the first time. */
  readonly unknown: Value;
  /** The problem with a value that the function returned, or undefined. */
  problemOf(answer: unknown): string | undefined;
  readonly clock: Clock;
  /** Called with the reason why the function returned no value. */
  onProblem(reason: string): void;
}

/** A setting as it is now. */
export interface WatchedSetting<Value> {
  /** The newest value known. Never rejects. */
  current(): Value | Promise<Value>;
  /** The same, or why the last call returned no value. */
  status(): Promise<Value | Unavailable>;
}

/** How long a value is used before the function is called again: short enough for a rollback, long enough that no message waits for it. */
const HOLDS_MS = 5_000;

/** How long the function of a setting may take. */
const TIMEOUT_MS = 1_000;

/** Watches a setting. A function that throws, hangs or returns a wrong value changes nothing: the value before stays. */
export function watchSetting<Value>(
  setting: Setting<Value>,
  options: WatchOptions<Value>,
): WatchedSetting<Value> {
  if (typeof setting !== 'function') return { current: () => setting, status: async () => setting };
  const ask = setting as () => Value | Promise<Value>;
  const { problemOf, clock, onProblem } = options;
  let value = options.unknown;
  let problem: string | undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<Value> | undefined;

  async function refresh(): Promise<Value> {
    try {
      const answer = await withTimeout({ clock, timeoutMs: TIMEOUT_MS }, ask);
      problem = problemOf(answer);
      if (problem === undefined) value = answer;
    } catch (error) {
      problem = namesAmong(Object(error).name) ?? 'an error without a name';
    }
    if (problem !== undefined) onProblem(problem);
    askedAtMs = clock.monotonicMs();
    asking = undefined;
    return value;
  }

  const current = () => {
    if (clock.monotonicMs() - askedAtMs < HOLDS_MS) return value;
    return (asking ??= refresh());
  };
  return {
    current,
    async status() {
      const held = await current();
      return problem === undefined ? held : { unavailable: problem };
    },
  };
}
