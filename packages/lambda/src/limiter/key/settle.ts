import type { Settlement } from '../limiter.ts';
import { US_PER_MS } from '../limits/rules.ts';
import type { InFlight } from './in-flight.ts';
import type { Claimed } from './grant.ts';
import type { MessageRecord, Records } from './records.ts';
import type { UsageLog } from './usage-log.ts';
import type { WaitQueue } from './wait-queue.ts';

/** What of a key a settlement changes. */
interface Parts {
  readonly records: Records;
  readonly queue: WaitQueue;
  readonly inFlight: InFlight;
  readonly ended: UsageLog;
}

/** Records one outcome; `false` where the token is not the newest: then only its slots count from now on. */
export function settle(
  settlement: Settlement,
  { records, queue, inFlight, ended }: Parts,
  nowUs: number,
): boolean {
  const { id, outcome } = settlement;
  const record = records.get(id, nowUs);
  const isCurrent = record && 'token' in record && record.token === settlement.token;
  if (isCurrent && record.state === 'condemned' && outcome === 'dead') {
    records.put(id, { state: 'settled', outcome: 'dead' }, nowUs);
    return true;
  }
  // Of a claim that was not used nothing was sent.
  const wasSent = outcome !== 'unused';
  if (record?.state !== 'claimed' || !isCurrent) {
    const { token, cost = 1 } = settlement;
    inFlight.end(token, Number.POSITIVE_INFINITY, cost);
    if (wasSent) ended.add(token, cost, nowUs, nowUs);
    return false;
  }
  const { token, call, cost, untilUs, stampUs } = record;
  inFlight.end(call, untilUs, cost);
  if (wasSent) ended.add(token, cost, Math.max(stampUs, nowUs), nowUs);
  const next = afterwards(settlement, record, nowUs);
  if (next.state !== 'ready') queue.remove(id);
  records.put(id, next, nowUs);
  return true;
}

/** Until when a settlement holds its key; 0 where it does not. */
export function holdUntilUs(settlement: Settlement, nowUs: number): number {
  return settlement.outcome === 'release' ? nowUs + settlement.holdMs * US_PER_MS : 0;
}

/** What is known of a claimed message from then on. */
function afterwards(settlement: Settlement, record: Claimed, nowUs: number): MessageRecord {
  const { token, attempt, position, takeover, throttles } = record;
  switch (settlement.outcome) {
    case 'delivered':
    case 'dead':
      return { state: 'settled', outcome: settlement.outcome };
    case 'condemned':
      return { state: 'condemned', token, verdict: settlement.verdict };
    case 'retry': {
      const untilUs = nowUs + settlement.retryAfterMs * US_PER_MS;
      return { state: 'ready', attempt, position, takeover: false, throttles, untilUs };
    }
    case 'release': {
      const untilUs = holdUntilUs(settlement, nowUs);
      return { state: 'ready', attempt: attempt - 1, position, takeover, throttles: throttles + 1, untilUs };
    }
    case 'unused':
      return { state: 'ready', attempt: attempt - 1, position, takeover, throttles, untilUs: nowUs };
  }
}
