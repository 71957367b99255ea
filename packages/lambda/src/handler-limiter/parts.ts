import { answerInTime } from '@huntaze/kit';
import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { AdmitRequest } from '../limiter/limiter.ts';

/** Whose limit a call is about. */
type Asked = Pick<AdmitRequest, 'key' | 'queue'>;

/** What this process has seen of the parts of a limiter that fail apart, such as its shards. Instants are monotonic. */
export type LimiterParts = ReturnType<typeof openLimiterParts>;

interface LimiterPartsOptions {
  readonly clock: Clock;
  /** Names the part that decides about a key. */
  readonly partOf: (asked: Asked) => string;
  /** How long a call may take. */
  readonly timeoutMs: number;
}

interface Failures {
  readonly firstMs: number;
  /** Since when they go on with no gap longer than each of {@link GAPS_MS}. */
  readonly sinceMs: readonly (number | undefined)[];
  readonly lastMs: number;
  /** Whether the last one took its time. */
  readonly slow: boolean;
}

interface Part {
  /** How many calls are under way. */
  asking: number;
  /** When the last one began. */
  askedAtMs: number;
  /** When a call was answered last. */
  answeredAtMs: number;
  /** The failed calls after which none was answered. */
  failed: Failures | undefined;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** From a second to 8.5 minutes, longer than messages are parked in an outage. */
const GAPS_MS = Array.from({ length: 10 }, (_, power) => 1_000 * 2 ** power);

/** Failures that come at once cost nobody any time: what takes longer is not waited for again and again. */
const SLOW_MS = 500;

/** How long a batch waits for a part that was silent a moment ago: many times what a healthy one takes. */
const SILENT_PATIENCE_MS = 200;

/** A silent part is asked again so long after its last failure. */
const ASK_AGAIN_MS = 1_000;

/** Beyond twice the longest time for which messages are parked, an outage is another one. */
const FORGET_MS = 600_000;

/** Bounds the memory of parts: the one that was heard of first is forgotten. */
const MAX_PARTS = 10_000;

export function openLimiterParts({ clock, partOf, timeoutMs }: LimiterPartsOptions) {
  const parts = new Map<string, Part>();
  const find = (asked: Asked) => parts.get(partOf(asked));
  const findOrAdd = (asked: Asked): Part => {
    const part = find(asked) ?? { asking: 0, askedAtMs: NEVER, answeredAtMs: NEVER, failed: undefined };
    parts.set(partOf(asked), part);
    for (const oldest of parts.keys()) {
      if (parts.size <= MAX_PARTS) break;
      parts.delete(oldest);
    }
    return part;
  };
  const heard = (part: Part) => {
    part.answeredAtMs = clock.monotonicMs();
    part.failed = undefined;
  };
  /** A call begins: what was seen before a time without any does not count any more. */
  const begun = (part: Part, askedMs: number) => {
    const { asking, failed } = part;
    part.asking++;
    part.askedAtMs = askedMs;
    if (!failed || asking > 0) return;
    const quietMs = askedMs - failed.lastMs;
    const sinceMs = failed.sinceMs.map((oneMs, index) => (quietMs > GAPS_MS[index]! ? undefined : oneMs));
    part.failed = { ...failed, sinceMs };
  };
  const missed = (part: Part, askedMs: number) => {
    const nowMs = clock.monotonicMs();
    // Whoever was asked later has answered.
    if (part.answeredAtMs > askedMs) return;
    const { firstMs, sinceMs, lastMs } = part.failed ?? { firstMs: nowMs, sinceMs: [], lastMs: nowMs };
    part.failed = {
      firstMs: askedMs - lastMs > FORGET_MS ? nowMs : firstMs,
      sinceMs: GAPS_MS.map((_, index) => sinceMs[index] ?? nowMs),
      lastMs: nowMs,
      slow: nowMs - askedMs >= Math.min(SLOW_MS, timeoutMs / 2),
    };
  };
  return {
    /**
     * How long to wait for an answer about a key: the whole time while its part answers, a moment while it is silent, and
     * 0 while another question finds out whether it still is.
     */
    patienceMs(asked: Asked): number {
      const part = find(asked);
      if (!part?.failed?.slow) return timeoutMs;
      const restMs = part.failed.lastMs + ASK_AGAIN_MS - clock.monotonicMs();
      return part.asking > 0 || restMs > 0 ? 0 : Math.min(timeoutMs, SILENT_PATIENCE_MS);
    },
    /** Waits for the answer of a call about a key, in bounded time, and takes note of whether it came. */
    async follow<Answer>(asked: Asked, answer: Promise<Answer>): Promise<Answer> {
      const part = findOrAdd(asked);
      const askedMs = clock.monotonicMs();
      begun(part, askedMs);
      // Also an answer that comes too late shows that there is somebody.
      answer.then(
        () => heard(part),
        () => {},
      );
      try {
        return await answerInTime({ clock, timeoutMs }, answer);
      } catch (error) {
        missed(part, askedMs);
        throw error;
      } finally {
        part.asking--;
      }
    },
    silentMs(asked: Asked, gapMs: number): number {
      const { failed, asking = 0 } = find(asked) ?? {};
      const index = GAPS_MS.findLastIndex((oneMs) => oneMs <= gapMs);
      const sinceMs = failed?.sinceMs[index];
      if (!failed || sinceMs === undefined) return 0;
      const goesOn = asking > 0 || clock.monotonicMs() - failed.lastMs <= GAPS_MS[index]!;
      return goesOn ? failed.lastMs - sinceMs : 0;
    },
    unaskedMs: (asked: Asked) => clock.monotonicMs() - (find(asked)?.askedAtMs ?? NEVER),
    /** For how long this process has known of the outage of the part of a key. */
    outageMs(asked: Asked): number {
      const failed = find(asked)?.failed;
      return failed ? failed.lastMs - failed.firstMs : 0;
    },
  };
}
