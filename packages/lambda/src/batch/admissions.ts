import type { Clock, Metrics } from '@huntaze/rate-limiter-client/contract';
import { candidateIdentity } from '../limiter/each-id-once.ts';
import type { Admission } from '../limiter/limiter.ts';
import type { StandInLimiter } from '../limiter/local-share/local-share.ts';
import type { ReceivedMessage } from '../message/received.ts';
import type { OnEvent } from '../telemetry/handler-events.ts';
import type { LimiterOutage } from '../telemetry/limiter-outages.ts';
import type { Batch } from './batch.ts';
import { joinSameTurn } from './same-turn.ts';

/** The limiter's answer about one message. */
export interface Answer {
  readonly admission: Admission | { readonly kind: 'unavailable' };
  /** When the limiter was asked, by the monotonic clock. */
  readonly askedMs: number;
  /** Why the limiter itself did not decide, if it did not. */
  readonly outage?: LimiterOutage | undefined;
}

export type Admissions = ReturnType<typeof openAdmissions>;

/** The settings for asking the limiter. */
export interface AdmissionSettings {
  readonly limiter: Pick<StandInLimiter, 'admit'>;
  readonly agingMs: number;
  readonly leaseMs: number;
  readonly metrics: Metrics;
  readonly onEvent: OnEvent;
  readonly clock: Clock;
}

interface Asking {
  readonly queue: string;
  readonly received: ReceivedMessage;
}

/**
 * The questions of a handler to the limiter. Messages of one key and one policy that ask in the same turn, whatever their
 * batches, share a call.
 */
export function openAdmissions(settings: AdmissionSettings) {
  const { limiter, agingMs, leaseMs, metrics, onEvent, clock } = settings;

  const admit = async (asking: readonly [Asking, ...Asking[]]): Promise<readonly Answer[]> => {
    const askedMs = clock.monotonicMs();
    const { queue, received } = asking[0];
    const { key } = received.message;
    const { limits, marginMs } = received.policy;
    let outage: LimiterOutage | undefined;
    const unavailable = (error: unknown, leadsTo: LimiterOutage['leadsTo']) => {
      outage = { error, leadsTo };
      metrics.record('LimiterUnavailable', asking.length);
      onEvent({ kind: 'limiter-unavailable', key, messages: asking.length });
    };
    try {
      const request = { key, queue, limits, marginMs, candidates: asking.map(candidateOf), leaseMs, agingMs };
      const admissions = await limiter.admit(request, (error) => unavailable(error, 'local share'));
      if (!answersAll(admissions, asking.length)) {
        throw new TypeError('expected an admission for each candidate, found another answer of the limiter');
      }
      return admissions.map((admission) => ({ admission, askedMs, outage }));
    } catch (error) {
      unavailable(error, 'parking');
      return asking.map(() => ({ admission: { kind: 'unavailable' }, askedMs, outage }));
    }
  };
  // Copies of one message in several batches ask in calls of their own: one gets the claim, the others are busy.
  const join = joinSameTurn(admit, ({ received }) => candidateIdentity(received.message));
  return {
    /** Never rejects. */
    async ask({ queue: { identity: queue }, report }: Batch, received: ReceivedMessage): Promise<Answer> {
      const { message, policy } = received;
      const subject = JSON.stringify([queue, message.key, policy.limits, policy.marginMs]);
      const answer = await join(subject, { queue, received });
      if (answer.outage) report.outages.push(answer.outage);
      return answer;
    },
  };
}

function candidateOf({ received: { message, policy } }: Asking) {
  const { id, life, priority } = message;
  return { id, ...(life !== undefined && { life }), priority, cost: policy.cost };
}

const ADMISSIONS = ['granted', 'wait', 'busy', 'condemned', 'settled'] satisfies Admission['kind'][];

const isAdmission = (found: unknown) => ADMISSIONS.some((kind) => Object(found).kind === kind);

/** Whether a limiter, perhaps one of the host's own, answered every candidate. */
function answersAll(found: unknown, count: number): boolean {
  return Array.isArray(found) && found.length === count && found.every(isAdmission);
}
