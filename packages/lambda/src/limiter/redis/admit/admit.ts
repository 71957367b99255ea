import { memoryUs } from '../../../limits/arithmetic.ts';
import { toRules } from '../../../limits/rules.ts';
import type { AdmitRequest, ColdStart } from '../../limiter.ts';
import { rankOf } from '../../place.ts';
import calls from '../calls.lua';
import ended from '../ended.lua';
import line from '../line.lua';
import records from '../records.lua';
import { script } from '../script.ts';
import windows from '../windows.lua';
import decide from './decide.lua';
import order from './order.lua';
import places from './places.lua';
import state from './state.lua';
import write from './write.lua';

export const admitScript = script(records, windows, ended, calls, line, state, places, order, decide, write);

const US_PER_MS = 1_000;

/** Who asks, and how. */
interface Asking {
  readonly owner: string;
  readonly rememberMs: number;
  readonly coldStart: ColdStart;
  /** The latest time that the server can show, unless its clock jumped ahead; 0: unknown. */
  readonly latestUs: number;
}

/** What the script is asked, after the time. */
export function admitArguments(
  { limits, marginMs, leaseMs, agingMs = 0, candidates }: AdmitRequest,
  { owner, rememberMs, coldStart, latestUs }: Asking,
): string[] {
  const rules = toRules(limits, marginMs);
  const args = [
    owner,
    leaseMs * US_PER_MS,
    rememberMs * US_PER_MS,
    memoryUs(rules),
    rules.marginUs,
    coldStart === 'full' ? coldStart : latestUs,
    agingMs * US_PER_MS,
    rules.windows.length,
    rules.buckets.length,
    candidates.map(({ priority }) => rankOf(priority)).join(''),
    candidates.every(({ cost = 1 }) => cost === 1) ? '' : candidates.map(({ cost = 1 }) => cost).join(','),
  ];
  for (const { limit, windowUs, grainUs } of rules.windows) args.push(limit, windowUs, grainUs);
  for (const { capacity, intervalUs } of rules.buckets) args.push(capacity, intervalUs);
  for (const { id } of candidates) args.push(id);
  return args.map(String);
}
