import { logLength, memoryUs } from '../../usage/usage.ts';
import { finestUs } from '../../usage/sub-buckets.ts';
import { toRules } from '../../limits/rules.ts';
import type { AdmitRequest, ColdStart } from '../../limiter.ts';
import { rankOf } from '../../queue-position.ts';
import buckets from '../buckets.lua';
import calls from '../calls.lua';
import line from '../line.lua';
import records from '../records.lua';
import { script } from '../script.ts';
import usageLog from '../usage-log.lua';
import windows from '../windows.lua';
import decide from './decide.lua';
import order from './order.lua';
import places from './places.lua';
import state from './state.lua';
import write from './write.lua';

export const admitScript = script(
  records,
  usageLog,
  windows,
  buckets,
  calls,
  line,
  state,
  places,
  order,
  decide,
  write,
);

const US_PER_MS = 1_000;

/** Who asks, and how. */
interface Asking {
  readonly owner: string;
  readonly rememberMs: number;
  readonly coldStart: ColdStart;
  /** When the server's clock was seen to jump ahead: the latest time that it could have shown without. Otherwise 0. */
  readonly jumpUs: number;
  /** By how many milliseconds the server's clock is ahead of this process's, `?` to be told of others', or nothing. */
  readonly aheadMs: string;
}

/** What the script is asked, after the time. */
export function admitArguments(
  { limits, marginMs, leaseMs, agingMs = 0, candidates }: AdmitRequest,
  { owner, rememberMs, coldStart, jumpUs, aheadMs }: Asking,
): string[] {
  const rules = toRules(limits, marginMs);
  const args = [
    owner,
    leaseMs * US_PER_MS,
    rememberMs * US_PER_MS,
    memoryUs(rules),
    rules.marginUs,
    coldStart === 'full' ? coldStart : jumpUs,
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
