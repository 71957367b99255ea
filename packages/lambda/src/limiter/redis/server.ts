import { answerInTime, isTimeoutError } from '@huntaze/kit';
import { LimiterUnavailableError, type Clock } from '@huntaze/rate-limiter-client/contract';
import { connectionOf, type RedisClient } from './clients/clients.ts';
import { describeError, watchErrors } from './connection-errors.ts';
import type { Script } from './script.ts';

/** The Redis server as the limiter asks it, through whichever client. */
export interface Server {
  readonly isCluster: boolean;
  /** Runs a script on keys of one shard. */
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /**
   * Waits for what {@link run} answers. A command that does not answer in time may still run: no decision was reached as far
   * as this process knows.
   * @throws {LimiterUnavailableError} when there is no answer, with the code and the text of what went wrong.
   */
  answer<Value>(name: string, answer: Promise<Value>): Promise<Value>;
}

export interface ServerOptions {
  readonly redis: RedisClient;
  readonly clock: Clock;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
  /** Finds out what stands behind a refusal of the server. */
  explain?(): Promise<readonly string[]>;
}

/** No more often than this: commands that were in flight together fail together. */
const RECONNECT_EVERY_MS = 1_000;

/** A connection that answered nothing for so long, although it was asked, leads nowhere. */
const SILENCE_MS = 3_000;

/** Refusals that last until somebody changes something, and whose words do not say what. */
const LASTING =
  /NOPERM|can't run this command|[Uu]nknown (Redis )?command|rror compiling script|^MOVED|PermissionDenied/;

export function openServer({ redis, clock, timeoutMs, explain }: ServerOptions): Server {
  const connection = connectionOf(redis);
  const errors = watchErrors(redis);
  let leftAtMs = Number.NEGATIVE_INFINITY;
  let silentSinceMs: number | undefined;

  const reconnect = () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - leftAtMs < RECONNECT_EVERY_MS) return;
    leftAtMs = nowMs;
    connection.reconnect?.();
  };

  /**
   * After a planned failover the name leads to the new primary, but nothing closes the connection to the old one, which
   * refuses every write from then on.
   */
  const leaveDemoted = (error: unknown) => {
    if (/READONLY|ReadOnly/.test(describeError(error))) reconnect();
  };

  /** Nothing says so when a node vanishes: the system goes on sending for a quarter of an hour. */
  const leaveSilent = (error: unknown) => {
    const nowMs = clock.monotonicMs();
    if (!isTimeoutError(error) || nowMs - (silentSinceMs ?? nowMs) < SILENCE_MS) return;
    silentSinceMs = nowMs;
    reconnect();
  };

  const reasonOf = async (error: unknown): Promise<string> => {
    const text = describeError(error);
    if (explain && LASTING.test(text)) {
      // What a check fails with is what failed already.
      const more = (await explain()).filter((problem) => !problem.includes(text));
      return [text, ...more].join('; ');
    }
    const cause = errors.last === undefined ? text : describeError(errors.last);
    if (!text.includes(cause)) return `${text}; the connection failed: ${cause}`;
    const state = isTimeoutError(error) ? connection.state?.() : undefined;
    return state === undefined ? text : `${text}; the connection is ${state}`;
  };

  return {
    isCluster: connection.isCluster,
    async run(script, keys, args) {
      silentSinceMs ??= clock.monotonicMs();
      try {
        const reply = await script.run(connection, keys, args);
        errors.forget();
        return reply;
      } catch (error) {
        leaveDemoted(error);
        throw error;
      } finally {
        silentSinceMs = undefined;
      }
    },
    async answer(name, answer) {
      try {
        return await answerInTime({ clock, timeoutMs }, answer);
      } catch (error) {
        leaveSilent(error);
        const reason = await reasonOf(error);
        throw new LimiterUnavailableError(
          `expected Redis to answer ${name}, found: ${reason}`,
          errors.last ?? error,
        );
      }
    },
  };
}
