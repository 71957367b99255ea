import { logLength, memoryUs } from '../usage/usage.ts';
import { finestUs } from '../usage/sub-buckets.ts';
import { toRules, US_PER_MS } from '../limits/rules.ts';
import type { Settlement, SettleRequest } from '../limiter.ts';
import calls from './calls.lua';
import line from './line.lua';
import records from './records.lua';
import { script } from './script.ts';
import settle from './settle.lua';
import usageLog from './usage-log.lua';
import { writeVerdict } from './verdict.ts';

export const settleScript = script(records, usageLog, calls, line, settle);

/** What the script is told, after the time. */
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
