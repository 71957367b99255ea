import type { Answer } from '../../answer.ts';
import type { Candidate } from '../../limiter.ts';

/** What the script replied: when it decided, by the clock of the key and that of the server, and an answer per candidate. */
interface Reply {
  readonly decidedUs: number;
  readonly serverUs: number;
  /** By how much the server's clock is ahead of the clocks of other processes, where that was asked for. */
  readonly othersAheadMs: readonly [least: number, most: number] | undefined;
  readonly answers: readonly Answer[];
}

/** Reads the numbers that the script replied about these candidates. `asksForOthers`: with `?` as an argument. */
export function readReply(reply: string, candidates: readonly Candidate[], asksForOthers: boolean): Reply {
  const numbers = reply.split(' ').map(Number);
  let at = 0;
  const next = () => numbers[at++] ?? 0;
  const decidedUs = next();
  const serverUs = next();
  const leaseUntilUs = next();
  const othersAheadMs = asksForOthers ? ([next(), next()] as const) : undefined;
  const answers: Answer[] = [];
  let following: Answer | undefined;
  for (const { cost = 1 } of candidates) {
    const answer: Answer = readAnswer(next, leaseUntilUs, following);
    answers.push(answer);
    following = answer.kind === 'granted' ? { ...answer, token: answer.token + cost } : undefined;
  }
  return { decidedUs, serverUs, othersAheadMs, answers };
}

/** `following`: what is granted with the next token. */
function readAnswer(next: () => number, leaseUntilUs: number, following: Answer | undefined): Answer {
  const code = next();
  switch (code) {
    case 0:
      return { ...readGrant(next), leaseUntilUs };
    case 6:
      return following!;
    case 5:
      return { ...readGrant(next), leaseUntilUs: next() };
    case 1:
      return { kind: 'wait', dueUs: next(), position: next() };
    case 2:
      return { kind: 'busy', retryUs: next() };
    default:
      return { kind: 'settled', outcome: code === 3 ? 'delivered' : 'dead' };
  }
}

function readGrant(next: () => number) {
  return { kind: 'granted', token: next(), attempt: next(), takeover: next() === 1 } as const;
}
