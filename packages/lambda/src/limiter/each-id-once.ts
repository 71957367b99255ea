import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Admission, AdmitRequest, Candidate, Limiter } from './limiter.ts';

/** Tells the candidates of one request apart: a life of a message is a message of its own. */
export const candidateIdentity = ({ id, life = 1 }: Pick<Candidate, 'id' | 'life'>): string =>
  `${life} ${id}`;

/**
 * Asks about each message once. A message that the request holds again is answered like its first candidate, but as
 * `busy` when that was granted: it has one claim.
 */
export async function eachIdOnce(
  clock: Clock,
  request: AdmitRequest,
  admit: Limiter['admit'],
): Promise<readonly Admission[]> {
  const first = new Map<string, number>();
  for (const [index, candidate] of request.candidates.entries()) {
    const identity = candidateIdentity(candidate);
    if (!first.has(identity)) first.set(identity, index);
  }
  const indexes = [...first.values()];
  if (indexes.length === request.candidates.length) return await admit(request);
  const admissions = await admit({
    ...request,
    candidates: indexes.map((index) => request.candidates[index]!),
  });
  const answers = new Map(indexes.map((index, order) => [index, admissions[order]!]));
  return request.candidates.map((candidate, index) => {
    const firstIndex = first.get(candidateIdentity(candidate))!;
    const answer = answers.get(firstIndex)!;
    if (index === firstIndex || answer.kind !== 'granted') return answer;
    return { kind: 'busy', retryAtMs: clock.nowMs() + request.leaseMs };
  });
}
