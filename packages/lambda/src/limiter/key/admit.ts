import type { Answer } from '../clock-domains.ts';
import { LEAST_WAIT_MS, type Candidate } from '../limiter.ts';
import { US_PER_MS, type Rules } from '../limits/rules.ts';
import { orderOf, positionOf, rankOf } from '../queue-position.ts';
import { slotDueUs, type Usage } from '../usage/usage.ts';
import { decideOne, headIsCostly, type Grant, type Moment } from './grant.ts';
import { claimedBefore } from './wait-queue.ts';

interface Decision {
  /** Who takes slots. */
  readonly taken: readonly Grant[];
  /** The answers, now that everybody has a position. `startUs`: before it nothing is admitted. */
  dueOf(rules: Rules, usage: Usage, startUs: number): Answer[];
}

/** Gives the free slots to who goes first; the others join the queue. */
export function admit(candidates: readonly Candidate[], moment: Moment): Decision {
  const { nowUs, agingUs, queue, heldUntilUs, graceUs } = moment;
  const answers = new Map<string, Answer | undefined>();
  const taken: Grant[] = [];
  let left = moment.free;
  for (const candidate of inOrder(candidates, moment)) {
    const answer = decideOne(candidate, left, moment);
    answers.set(candidate.id, answer?.kind === 'granted' ? answer.admission : answer);
    if (answer?.kind !== 'granted') continue;
    taken.push(answer.grant);
    left -= answer.grant.cost;
  }
  return {
    taken,
    dueOf: (rules, usage, startUs) => {
      const headDueUs = headIsCostly(queue) ? (queue.head?.dueUs ?? Number.POSITIVE_INFINITY) : 0;
      return candidates.map(({ id, cost = 1 }) => {
        const answer = answers.get(id);
        if (answer) return answer;
        const position = claimedBefore(queue, queue.find(id)!.position, agingUs);
        const turnUs = slotDueUs(rules, usage, startUs, position + cost - 1);
        // A slot that is free now is kept for those in the queue for a while, once it was free and their head was due.
        const freeSinceUs = slotDueUs(rules, usage, heldUntilUs, cost - 1);
        const keptUntilUs = Math.max(
          nowUs + LEAST_WAIT_MS * US_PER_MS,
          Math.max(freeSinceUs, headDueUs) + graceUs,
        );
        const dueUs = cost <= left ? Math.min(turnUs, keptUntilUs) : turnUs;
        queue.expect(id, dueUs, dueUs === turnUs);
        return { kind: 'wait', dueUs, position };
      });
    },
  };
}

/** By position in the queue; newcomers after the waiters of their priority, in the order in which they were asked about. */
function inOrder(candidates: readonly Candidate[], moment: Moment): Candidate[] {
  const { nowUs, agingUs, queue, records, tickets } = moment;
  const next = tickets.next(nowUs);
  const orders = new Map(
    candidates.map(({ id, priority }) => {
      const record = records.get(id, nowUs);
      const position =
        queue.find(id)?.position ?? (record && 'position' in record ? record.position : undefined);
      return [id, orderOf(position ?? positionOf(rankOf(priority), next), agingUs)];
    }),
  );
  return candidates.toSorted((a, b) => orders.get(a.id)! - orders.get(b.id)!);
}
