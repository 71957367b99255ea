import type { Admission } from '../limiter/limiter.ts';
import type { ReceivedMessage } from '../message/received.ts';
import type { Settings } from '../settings.ts';
import type { LimiterOutage } from '../telemetry/limiter-outages.ts';
import type { Batch } from './batch.ts';
import { joinSameTurn } from './same-turn.ts';

/** The limiter's answer about one message. */
export interface Asked {
  readonly admission: Admission | { readonly kind: 'unavailable' };
  /** When the limiter was asked, by the monotonic clock. */
  readonly askedMs: number;
}

/** The questions of one batch to the limiter. Messages of one key and one policy that ask in one turn share a call. */
export interface Admissions {
  /** Never rejects. */
  ask(received: ReceivedMessage): Promise<Asked>;
}

export function openAdmissions(settings: Settings, { queue, report }: Batch): Admissions {
  const { limiter, agingMs, leaseMs, metrics, onEvent, clock } = settings;

  const admit = async (
    asking: readonly [ReceivedMessage, ...ReceivedMessage[]],
  ): Promise<readonly Asked[]> => {
    const askedMs = clock.monotonicMs();
    const { message, policy } = asking[0];
    const { key } = message;
    const unavailable = (error: unknown, leadsTo: LimiterOutage['leadsTo']) => {
      const messages = asking.length;
      report.outages.push({ messages, error, leadsTo });
      metrics.record('LimiterUnavailable', messages);
      onEvent({ kind: 'limiter-unavailable', key, messages });
    };
    try {
      const { limits, marginMs } = policy;
      const candidates = asking.map(candidateOf);
      const request = { key, queue: queue.identity, limits, marginMs, candidates, leaseMs, agingMs };
      const admissions = await limiter.admit(request, (error) => unavailable(error, 'local share'));
      return admissions.map((admission) => ({ admission, askedMs }));
    } catch (error) {
      unavailable(error, 'parking');
      return asking.map(() => ({ admission: { kind: 'unavailable' }, askedMs }));
    }
  };
  const join = joinSameTurn(admit);
  return {
    ask: (received) => join(JSON.stringify([received.message.key, received.policy.limits]), received),
  };
}

function candidateOf({ message: { id, life, priority }, policy: { cost } }: ReceivedMessage) {
  return { id, ...(life !== undefined && { life }), priority, cost };
}
