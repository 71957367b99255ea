import { namesAmong } from '@huntaze/kit';
import type { Point } from './series.ts';

/** What became of points that were sent. Those that are neither refused nor left were taken. */
export interface Delivery {
  /** CloudWatch will never take them. */
  readonly refused: readonly Point[];
  /** The last refusal. */
  readonly refusal?: unknown;
  /** CloudWatch could not be asked about these. */
  readonly left: readonly Point[];
  /** Why it could not. */
  readonly failure?: unknown;
}

/**
 * Sends points in one request. CloudWatch refuses a request as a whole for one point in it, such as one whose minute lies
 * more than two weeks back: then the others are sent again without those that it names, or in halves if it names none.
 */
export async function deliver(
  points: readonly Point[],
  send: (points: readonly Point[]) => Promise<unknown>,
): Promise<Delivery> {
  const refused: Point[] = [];
  let refusal: unknown;
  let requests: readonly (readonly Point[])[] = [points];
  for (;;) {
    const [next, ...others] = requests;
    if (next === undefined) return { refused, refusal, left: [] };
    requests = others;
    try {
      await send(next);
    } catch (error) {
      if (!isRefusal(error)) return { refused, refusal, left: [next, ...others].flat(), failure: error };
      refusal = error;
      const wrong = wrongOf(next, error);
      refused.push(...wrong);
      const again = wrong.length > 0 ? [next.filter((point) => !wrong.includes(point))] : halvesOf(next);
      requests = [...again.filter(({ length }) => length > 0), ...others];
    }
  }
}

/** Names of errors about what a request says. Others are about the caller, the network or the service. */
const REFUSAL =
  /^(?:InvalidParameter(?:Value|Combination)|MissingRequiredParameter|MissingParameter|ValidationE)/;

function isRefusal(error: unknown): boolean {
  return REFUSAL.test(namesAmong(Object(error).name) ?? '');
}

/** The points that a refusal names, counted from 1: `The parameter MetricData.member.2.Timestamp must …`. One alone is meant. */
function wrongOf(points: readonly Point[], refusal: unknown): readonly Point[] {
  if (points.length === 1) return points;
  const members = String(Object(refusal).message).matchAll(/MetricData\.member\.(\d+)/g);
  const named = new Set(Array.from(members, ([, position]) => Number(position) - 1));
  return points.filter((_, index) => named.has(index));
}

function halvesOf(points: readonly Point[]): readonly (readonly Point[])[] {
  const middle = Math.ceil(points.length / 2);
  return [points.slice(0, middle), points.slice(middle)];
}
