import { memoryUs } from '../../../limits/arithmetic.ts';
import { toRules } from '../../../limits/rules.ts';
import type { Answer } from '../../answer.ts';
import type { AdmitRequest, ColdStart } from '../../limiter.ts';
import { rankOf } from '../../place.ts';
import counts from '../counts.lua';
import flights from '../flights.lua';
import line from '../line.lua';
import records from '../records.lua';
import { script } from '../script.ts';
import windows from '../windows.lua';
import decide from './decide.lua';
import places from './places.lua';
import state from './state.lua';

export const admitScript = script(records, windows, counts, flights, line, state, places, decide);

const US_PER_MS = 1_000;

/** What the script is asked, after the time. */
export function admitArguments(
  { limits, marginMs, leaseMs, agingMs = 0, candidates }: AdmitRequest,
  owner: string,
  rememberMs: number,
  coldStart: ColdStart,
): string[] {
  const rules = toRules(limits, marginMs);
  const args = [
    owner,
    String(leaseMs * US_PER_MS),
    String(rememberMs * US_PER_MS),
    String(memoryUs(rules)),
    String(rules.marginUs),
    coldStart,
    String(agingMs * US_PER_MS),
    String(rules.windows.length),
    String(rules.buckets.length),
    candidates.map(({ priority }) => rankOf(priority)).join(''),
    candidates.every(({ cost = 1 }) => cost === 1) ? '' : candidates.map(({ cost = 1 }) => cost).join(','),
  ];
  for (const { limit, windowUs, grainUs } of rules.windows)
    args.push(String(limit), String(windowUs), String(grainUs));
  for (const { capacity, intervalUs } of rules.buckets) args.push(String(capacity), String(intervalUs));
  for (const { id } of candidates) args.push(id);
  return args;
}

/** Reads what the script replied: when it decided, and an answer per candidate. */
export function readReply(reply: readonly number[]): { decidedUs: number; answers: readonly Answer[] } {
  const values = reply.values();
  const next = () => values.next().value ?? 0;
  const decidedUs = next();
  const answers: Answer[] = [];
  for (let code = values.next(); !code.done; code = values.next()) answers.push(readAnswer(code.value, next));
  return { decidedUs, answers };
}

function readAnswer(code: number, next: () => number): Answer {
  switch (code) {
    case 0:
      return {
        kind: 'granted',
        token: next(),
        attempt: next(),
        takeover: next() === 1,
        leaseUntilUs: next(),
      };
    case 1:
      return { kind: 'wait', dueUs: next(), position: next() };
    case 2:
      return { kind: 'busy', retryUs: next() };
    default:
      return { kind: 'settled', outcome: code === 3 ? 'delivered' : 'dead' };
  }
}
