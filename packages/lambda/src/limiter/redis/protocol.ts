import type { Answer } from '../clock-domains.ts';
import type {
  AdmitRequest,
  Candidate,
  ColdStart,
  RenewRequest,
  Settlement,
  SettleRequest,
  Verdict,
} from '../limiter.ts';
import { toRules, US_PER_MS } from '../limits/rules.ts';
import { rankOf } from '../queue-position.ts';
import { finestUs } from '../usage/sub-buckets.ts';
import { logLength, memoryUs } from '../usage/usage.ts';

/** Who asks, and how. */
interface Asking {
  readonly owner: string;
  readonly rememberMs: number;
  readonly coldStart: ColdStart;
  /** When the server's clock was seen to jump ahead: the latest time that it could have shown without. Otherwise 0. */
  readonly jumpUs: number;
  /** When the server answered this process last, by its own clock. 0: never. */
  readonly heardUs: number;
  /** By how many milliseconds the server's clock is ahead of this process's, `?` to be told of others', or nothing. */
  readonly aheadMs: string;
}

/** The arguments of `lua/admit.lua`, after the time. */
export function admitArguments(
  { limits, marginMs, leaseMs, agingMs = 0, candidates }: AdmitRequest,
  { owner, rememberMs, coldStart, jumpUs, heardUs, aheadMs }: Asking,
): string[] {
  const rules = toRules(limits, marginMs);
  const args = [
    owner,
    leaseMs * US_PER_MS,
    rememberMs * US_PER_MS,
    memoryUs(rules),
    rules.marginUs,
    coldStart === 'full' ? coldStart : jumpUs,
    heardUs,
    aheadMs,
    agingMs * US_PER_MS,
    logLength(rules),
    finestUs(rules),
    rules.windows.length,
    rules.buckets.length,
    candidates.map(({ priority }) => rankOf(priority)).join(''),
    candidates.every(({ cost = 1 }) => cost === 1) ? '' : candidates.map(({ cost = 1 }) => cost).join(','),
  ];
  for (const { limit, windowUs, exact } of rules.windows) args.push(limit, windowUs, exact ? 1 : 0);
  for (const { capacity, intervalUs } of rules.buckets) args.push(capacity, intervalUs);
  for (const { id } of candidates) args.push(id);
  return args.map(String);
}

/** The reply of `lua/admit.lua`: when it decided, by the clock of the key and that of the server, and an answer per candidate. */
interface Reply {
  readonly decidedUs: number;
  readonly serverUs: number;
  /** By how much the server's clock is ahead of the clocks of other processes, where that was asked for. */
  readonly othersAheadMs: readonly [least: number, most: number] | undefined;
  readonly answers: readonly Answer[];
}

/** Reads the reply about these candidates. `asksForOthers`: whether `?` was an argument. */
export function readAdmitReply(
  reply: string,
  candidates: readonly Candidate[],
  asksForOthers: boolean,
): Reply {
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

/** The arguments of `lua/settle.lua`, after the time. */
export function settleArguments(
  { limits, marginMs, settlements }: SettleRequest,
  rememberMs: number,
): string[] {
  const rules = toRules(limits, marginMs);
  return [
    ...[rememberMs * US_PER_MS, memoryUs(rules), logLength(rules), finestUs(rules)].map(String),
    ...settlements.flatMap((settlement) => [
      settlement.id,
      String(settlement.token),
      outcomeOf(settlement),
      String(delayMs(settlement) * US_PER_MS),
      String(settlement.cost ?? 1),
    ]),
  ];
}

function outcomeOf(settlement: Settlement): string {
  const { outcome } = settlement;
  return outcome === 'condemned' ? `condemned:${writeVerdict(settlement.verdict)}` : outcome;
}

function delayMs(settlement: Settlement): number {
  if (settlement.outcome === 'retry') return settlement.retryAfterMs;
  return settlement.outcome === 'release' ? settlement.holdMs : 0;
}

/** The arguments of `lua/renew.lua`, after the time. */
export function renewArguments({ claims, leaseMs }: RenewRequest, rememberMs: number): string[] {
  return [
    ...[rememberMs, leaseMs].map((ms) => String(ms * US_PER_MS)),
    ...claims.flatMap(({ id, token, cost = 1 }) => [id, String(token), String(cost)]),
  ];
}

/** A verdict as a record keeps it: its attempts, and the rest in one word without a space or a colon. */
function writeVerdict({ reason, errorName, attempts }: Verdict): string {
  return `${attempts}:${encodeURIComponent(JSON.stringify([reason, errorName]))}`;
}

function readVerdict(attempts: number, word: string): Verdict {
  const [reason, errorName] = JSON.parse(decodeURIComponent(word)) as [string, string];
  return { reason, errorName, attempts };
}
