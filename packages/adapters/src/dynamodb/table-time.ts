import type { Clock } from '@huntaze/rate-limiter-client/contract';

/** The present as DynamoDB knows it, in milliseconds since 1970. */
export type TableTime = ReturnType<typeof tableTime>;

/** How long an answer counts. Measured time may run a little faster than DynamoDB's: a thousandth of a second in that time. */
const COUNTS_MS = 60_000;

/** The part of a command of the SDK that lets one see its answer. */
interface WatchedCommand {
  readonly middlewareStack: {
    add(
      middleware: (next: (request: unknown) => Promise<Answer>) => (request: unknown) => Promise<Answer>,
      options: { readonly step: 'deserialize'; readonly name: string; readonly override: true },
    ): void;
  };
}

interface Answer {
  readonly response?: unknown;
}

/**
 * DynamoDB has no function that tells the time, but each of its answers says when it was given, to the second
 * (HTTP: `Date`). Between answers measured time goes on. So the clocks of hosts have no say: one that is ahead, or set
 * back, hides nothing.
 *
 * An answer is given before it arrives, so what it says is a lower bound; of those of a minute the highest counts.
 */
export function tableTime(clock: Clock) {
  let mute = false;
  /** How far DynamoDB's time is ahead of measured time, and when that was heard. */
  let newest: { readonly aheadMs: number; readonly atMs: number } | undefined;

  const hear = (answer: Answer) => {
    const atMs = clock.monotonicMs();
    const saidMs = Date.parse(dateOf(answer.response));
    if (Number.isNaN(saidMs)) return;
    const aheadMs = saidMs - atMs;
    if (!newest || aheadMs > newest.aheadMs || atMs - newest.atMs > COUNTS_MS) newest = { aheadMs, atMs };
  };

  return {
    /** `undefined` until an answer has come. Less than DynamoDB's own by one second at most, and by the answer's way. */
    nowMs(): number | undefined {
      if (newest) return Math.floor(clock.monotonicMs() + newest.aheadMs);
      return mute ? Math.floor(clock.nowMs()) : undefined;
    },
    /** Called after an answer. If it had no date, the host's clock has to do. */
    answered(): void {
      mute = newest === undefined;
    },
    /** Learns from the answer to a command that is about to be sent. */
    learnFrom(command: object): void {
      (command as WatchedCommand).middlewareStack.add(
        (next) => async (request) => {
          try {
            const answer = await next(request);
            hear(answer);
            return answer;
          } catch (error) {
            // A refusal has a date too.
            hear({ response: Object(error).$response });
            throw error;
          }
        },
        { step: 'deserialize', name: 'dateOfAnswer', override: true },
      );
    },
  };
}

/** Header names are lower-case in the SDK's own handlers, and as they came in others. */
function dateOf(response: unknown): string {
  const { headers = {} } = Object(response) as { readonly headers?: Readonly<Record<string, string>> };
  return headers['date'] ?? headers['Date'] ?? '';
}
