import type { Answer } from '../../answer.ts';
import type { Candidate } from '../../limiter.ts';
import { readVerdict } from '../verdict.ts';

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
  const parts = reply.split(' ');
  let at = 0;
  const next = () => Number(parts[at++] ?? 0);
  const text = () => parts[at++] ?? '';
  const decidedUs = next();
  const serverUs = next();
  const leaseUntilUs = next();
  const othersAheadMs = asksForOthers ? ([next(), next()] as const) : undefined;
  const answers: Answer[] = [];
  let following: Answer | undefined;
  for (const { cost = 1 } of candidates) {
    const answer: Answer = readAnswer(next, text, leaseUntilUs, following);
    answers.push(answer);
    following = answer.kind === 'granted' ? { ...answer, token: answer.token + cost } : undefined;
  }
  return { decidedUs, serverUs, othersAheadMs, answers };
}

/** `following`: what is granted with the next token. */
function readAnswer(
  next: () => number,
  text: () => string,
  leaseUntilUs: number,
  following: Answer | undefined,
): Answer {
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
    case 7:
      return { kind: 'condemned', token: next(), verdict: readVerdict(next(), text()) };
    default:
      return { kind: 'settled', outcome: code === 3 ? 'delivered' : 'dead' };
  }
}

function readGrant(next: () => number) {
  const [token, attempt, past] = [next(), next(), next()];
  return { kind: 'granted', token, attempt, takeover: past % 2 === 1, throttles: past >> 1 } as const;
}
