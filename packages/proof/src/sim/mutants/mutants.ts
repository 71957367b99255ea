import type {
  ChangeMessageVisibilityBatchCommandInput,
  GetQueueAttributesCommandOutput,
} from '@aws-sdk/client-sqs';
import type {
  Admission,
  AdmitRequest,
  Limit,
  Limiter,
  Settlement,
  SettleRequest,
  SqsClient,
} from '@huntaze/rate-limiter-lambda';
import { fateMutants } from './fate-mutants.ts';
import { admitting, mutant, sending, settling, type Mutant } from './mutant.ts';
import { memoryMutants } from './memory-mutants.ts';
import { orderMutants } from './order-mutants.ts';
import type { Safeguards } from '../parts/safeguards.ts';
import { timeMutants } from './time-mutants.ts';
import { withoutWayBack } from './without-way-back.ts';

/** Each takes away one thing that keeps a promise. A simulation that misses one of them proves nothing about it. */
export const mutants: readonly Mutant[] = [
  mutant('the fence: an old token settles too', ['fence', 'effect'], 200, { limiter: withoutFence }),
  mutant('the lease: a claim excludes nobody', ['claim', 'effect'], 1, {
    limiter: (limiter) => admitting(limiter, (request) => ({ ...request, leaseMs: 1 })),
  }),
  mutant('the memory of delivered messages', ['claim', 'effect'], 1, {
    limiter: (limiter) =>
      settling(limiter, (one) =>
        one.outcome === 'delivered' ? { ...pick(one), outcome: 'retry', retryAfterMs: 0 } : one,
      ),
  }),
  mutant('the count of attempts', ['attempts', 'claim'], 4, {
    limiter: (limiter) =>
      settling(limiter, (one) =>
        one.outcome === 'retry' ? { ...pick(one), outcome: 'release', holdMs: 0 } : one,
      ),
  }),
  mutant('the hold that the upstream asked for', ['hold'], 4, {
    limiter: (limiter) =>
      settling(limiter, (one) =>
        one.outcome === 'release' ? { ...pick(one), outcome: 'release', holdMs: 0 } : one,
      ),
  }),
  mutant('the end of a delivery: a place counts from its admission', ['rate'], 1, {
    limiter: (limiter) => ({
      ...limiter,
      admit: (request) => limiter.admit(withMargin(request, ENDLESS_MS)),
      settle: (request) => limiter.settle({ ...request, marginMs: ENDLESS_MS }),
    }),
  }),
  mutant('the bound of the rhythm: a place counts from when it became free', ['rate'], 22, {
    limiter: (limiter) => admitting(limiter, (request) => withMargin(request, ENDLESS_MS)),
  }),
  mutant('the second limit', ['rate'], 2, {
    limiter: (limiter) => ({
      ...limiter,
      admit: (request) => limiter.admit({ ...request, limits: request.limits.slice(0, 1) }),
      settle: (request) => limiter.settle({ ...request, limits: request.limits.slice(0, 1) }),
    }),
  }),
  mutant('the clock that goes on where it stood', ['liveness'], 8, {
    limiterClock(clock) {
      let latestMs = 0;
      return { ...clock, nowMs: () => (latestMs = Math.max(latestMs, clock.nowMs())) };
    },
  }),
  mutant('starting empty: what a new limiter knows nothing of counts as unused', ['rate'], 4, {
    coldStart: 'full',
  }),
  mutant('the word of a forgotten delivery: it takes no place', ['rate'], 135, {
    limiter: (limiter) => ({
      ...limiter,
      settle: (request) =>
        limiter.settle({ ...request, settlements: request.settlements.map((one) => ({ ...one, cost: 0 })) }),
      renew: (request) =>
        limiter.renew({ ...request, claims: request.claims.map((one) => ({ ...one, cost: 0 })) }),
    }),
  }),
  mutant('the owner of a claim: a command that is sent again is a stranger', ['claim'], 11, {
    owner: () => String(++forged),
  }),
  mutant('closed when the limiter fails: it is taken for a yes', ['rate', 'claim', 'effect'], 1, {
    seenLimiter: (limiter, clock) => ({
      ...limiter,
      admit: (request) => limiter.admit(request).catch(() => grantAll(request, clock.nowMs())),
    }),
  }),
  mutant('the list: parked messages are not in it', ['conservation'], 1, withoutParked()),
  mutant('the way back: a dead letter that was refused counts as sent', ['conservation'], 4, {
    seenSqs: (sqs) =>
      sending(sqs, (send, command) => send(command).catch(() => ({ MessageId: '', Failed: [] }))),
  }),
  mutant('rounding up: a waiter wakes a second early although nothing holds it', ['due-time'], 5, {
    seenSqs: (sqs, { inlineHoldMs }) => (inlineHoldMs > 0 ? sqs : earlier(sqs)),
  }),
  mutant('the retention of the queue: nobody reads it', ['conservation'], 44, {
    seenSqs: (sqs) => sending(sqs, async (send, command) => withoutRetention(await send(command))),
  }),
  mutant('the division among the workers: each may use all of a limit alone', ['rate'], 5, {
    localShare: () => 1,
  }),
  mutant('the way back: who was alone uses at once what the limiter grants again', ['rate'], 5, {
    localShare: () => undefined,
    seenLimiter: withoutWayBack,
  }),
  ...orderMutants,
  ...fateMutants,
  ...memoryMutants,
  ...timeMutants,
];

/** Longer than any delivery: with such a margin no end of a delivery is late. */
const ENDLESS_MS = 1e9;

/** Another margin, and places that are taken for as long as before. */
function withMargin(request: AdmitRequest, marginMs: number): AdmitRequest {
  const shorter = (limit: Limit): Limit =>
    limit.kind === 'sliding-window'
      ? { ...limit, windowMs: limit.windowMs + request.marginMs - marginMs }
      : limit;
  return { ...request, marginMs, limits: request.limits.map(shorter) };
}

function pick({ id, token }: Settlement): Pick<Settlement, 'id' | 'token'> {
  return { id, token };
}

/** Hands every settlement the newest token of its message. */
function withoutFence(limiter: Limiter): Limiter {
  const newest = new Map<string, number>();
  return {
    ...limiter,
    async admit(request) {
      const admissions = await limiter.admit(request);
      for (const one of admissions)
        if (one.kind === 'granted') newest.set(`${request.key} ${one.claim.id}`, one.claim.token);
      return admissions;
    },
    settle: (request: SettleRequest) =>
      limiter.settle({
        ...request,
        settlements: request.settlements.map((one) => ({
          ...one,
          token: newest.get(`${request.key} ${one.id}`) ?? one.token,
        })),
      }),
  };
}

let forged = 0;

function grantAll({ key, candidates, leaseMs }: AdmitRequest, nowMs: number): readonly Admission[] {
  return candidates.map(({ id }) => {
    const claim = { key, id, token: ++forged, attempt: 1, takeover: false, leaseUntilMs: nowMs + leaseMs };
    return { kind: 'granted', claim };
  });
}

/** Says of what was hidden that it is done. */
function withoutParked(): Pick<Safeguards, 'seenSqs' | 'handler'> {
  const parked = new Set<string>();
  return {
    seenSqs: (sqs) =>
      sending(sqs, (send, command) => {
        const { Entries = [] } = command.input as Partial<ChangeMessageVisibilityBatchCommandInput>;
        for (const { ReceiptHandle = '' } of Entries) parked.add(ReceiptHandle);
        return send(command);
      }),
    handler: (handler) => async (event, context) => {
      const { batchItemFailures } = await handler(event, context);
      const receipts = new Map(event.Records.map((one) => [one.messageId, one.receiptHandle]));
      const left = batchItemFailures.filter(
        ({ itemIdentifier }) => !parked.has(receipts.get(itemIdentifier) ?? ''),
      );
      return { batchItemFailures: left };
    },
  };
}

function withoutRetention(reply: unknown): unknown {
  const { Attributes } = reply as GetQueueAttributesCommandOutput;
  if (!Attributes) return reply;
  const { MessageRetentionPeriod: _, ...rest } = Attributes;
  return { Attributes: rest };
}

function earlier(sqs: SqsClient): SqsClient {
  return sending(sqs, (send, command) => {
    const { Entries } = command.input as Partial<ChangeMessageVisibilityBatchCommandInput>;
    for (const entry of Entries ?? [])
      entry.VisibilityTimeout = Math.max(1, (entry.VisibilityTimeout ?? 1) - 1);
    return send(command);
  });
}
