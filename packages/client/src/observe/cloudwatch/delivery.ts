import { namesAmong } from '@huntaze/kit';
import type { Point } from './series.ts';

/** What became of points that were sent. Those that are neither refused nor left were taken. */
interface Delivery {
  /** CloudWatch will never take them. */
  readonly refused: readonly Point[];
  /** CloudWatch could not be asked about these. */
  readonly left: readonly Point[];
  /** The last refusal, or why CloudWatch could not be asked. */
  readonly error?: unknown;
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
  const requests = [points];
  let error: unknown;
  for (let next = requests.shift(); next !== undefined; next = requests.shift()) {
    try {
      await send(next);
    } catch (thrown) {
      error = thrown;
      if (!REFUSAL.test(namesAmong(Object(error).name) ?? ''))
        return { refused, left: [next, ...requests].flat(), error };
      const wrong = wrongOf(next, error);
      refused.push(...wrong);
      const again = wrong.length > 0 ? [next.filter((point) => !wrong.includes(point))] : halvesOf(next);
      requests.unshift(...again.filter(({ length }) => length > 0));
    }
  }
  return { refused, left: [], error };
}

/** Names of errors about what a request says. Others are about the caller, the network or the service. */
const REFUSAL =
  /^(?:InvalidParameter(?:Value|Combination)|MissingRequiredParameter|MissingParameter|ValidationE)/;

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
