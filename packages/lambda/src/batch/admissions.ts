import type { Delivery } from '../message/read-message.ts';
import type { Invocation } from './invocation.ts';
import type { LimiterOutage } from '../telemetry/limiter-outages.ts';
import type { Admission } from '../limiter/limiter.ts';
import type { Settings } from '../options.ts';

/** The limiter's answer about one message, or that it has none. */
export type Answered = Admission | { readonly kind: 'unavailable' };

/** Asks about a message. `askedMs`: when it was asked, by the monotonic clock. Never rejects. */
export type Ask = (delivery: Delivery) => Promise<{ readonly admission: Answered; readonly askedMs: number }>;

/** One question that is about to be asked. */
interface Question {
  readonly deliveries: Delivery[];
  readonly answers: Promise<{ readonly admissions: readonly Answered[]; readonly askedMs: number }>;
}

/** What is asked at one moment about messages of one key and the same limits is one question. */
export function openQuestions(settings: Settings, invocation: Invocation): Ask {
  const questions = new Map<string, Question>();
  const begin = (subject: string): Question => {
    const deliveries: Delivery[] = [];
    const answers = Promise.resolve().then(async () => {
      questions.delete(subject);
      const askedMs = settings.clock.monotonicMs();
      return { admissions: await answersTo(settings, invocation, deliveries), askedMs };
    });
    const question = { deliveries, answers };
    questions.set(subject, question);
    return question;
  };
  return async (delivery) => {
    const subject = JSON.stringify([delivery.message.key, delivery.terms.limits]);
    const { deliveries, answers } = questions.get(subject) ?? begin(subject);
    const index = deliveries.push(delivery) - 1;
    const { admissions, askedMs } = await answers;
    return { admission: admissions[index]!, askedMs };
  };
}

/** The limiter's answers to messages of one key and the same limits, in their order. */
async function answersTo(
  { limiter, agingMs, leaseMs, metrics, onEvent }: Settings,
  { batch, queue }: Invocation,
  deliveries: readonly Delivery[],
): Promise<readonly Answered[]> {
  const {
    message: { key },
    terms: { limits, marginMs },
  } = deliveries[0]!;
  const candidates = deliveries.map(({ message: { id, life, priority }, terms: { cost } }) => ({
    id,
    ...(life !== undefined && { life }),
    priority,
    cost,
  }));
  const unavailable = (error: unknown, leadsTo: LimiterOutage['leadsTo']) => {
    const messages = deliveries.length;
    batch.outages.push({ messages, error, leadsTo });
    metrics.record('LimiterUnavailable', messages);
    onEvent({ kind: 'limiter-unavailable', key, messages });
  };
  try {
    const request = { key, queue, limits, marginMs, candidates, leaseMs, agingMs };
    return await limiter.admit(request, (error) => unavailable(error, 'local share'));
  } catch (error) {
    unavailable(error, 'parking');
    return deliveries.map(() => ({ kind: 'unavailable' }));
  }
}
