import { Batch } from './batch.ts';
import type { InvocationContext, SqsRecord } from './event.ts';
import type { Settings } from './options.ts';
import { park, type Parking } from './parking/park.ts';
import { leadMs, visibilitySeconds } from './parking/visibility.ts';
import { queueUrlOf } from './sqs.ts';

/** Kept free at the end of an invocation for parking and for the response. */
const RESERVE_MS = 500;

/** One call of the handler: its batch, its time, its queue. */
export interface Invocation {
  readonly batch: Batch;
  /** Messages due within so many milliseconds are held; later ones are parked. */
  holdLeftMs(): number;
  /** Milliseconds until nothing new may start. */
  timeLeftMs(): number;
  /** Hides a waiter so that it wakes a little before its due time, or exactly then if nothing is held inline. */
  parkUntilDue(records: readonly SqsRecord[], dueAtMs: number): void;
  /** Hides records until an instant, or up to a second longer. */
  parkUntil(records: readonly SqsRecord[], atMs: number): void;
  /** Resolves when every parking call has ended. */
  parked(): Promise<void>;
}

/** @throws {TypeError} when no queue URL was configured and the event names no queue. */
export function openInvocation(
  { sqs, queueUrl, inlineHoldMs, clock, logger }: Settings,
  records: readonly SqsRecord[],
  context: InvocationContext | undefined,
): Invocation {
  const url = queueUrl ?? queueUrlOf(records[0]?.eventSourceARN ?? '');
  const startedMs = clock.monotonicMs();
  const budgetMs = (context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY) - RESERVE_MS;
  const timeLeftMs = () => budgetMs - (clock.monotonicMs() - startedMs);
  const holdMs = Math.min(inlineHoldMs, budgetMs);
  const calls: Promise<void>[] = [];
  let gathered: Parking[] = [];
  /** What is hidden at one moment shares its calls: the first sends, when the moment is over, for all. */
  const hide = (hidden: readonly SqsRecord[], atMs: number, lead: number) => {
    const seconds = visibilitySeconds(atMs - clock.nowMs(), lead);
    if (gathered.length === 0) calls.push(Promise.resolve().then(send));
    gathered.push(...hidden.map((record) => ({ record, visibilitySeconds: seconds })));
  };
  const send = () => {
    const parkings = gathered;
    gathered = [];
    return park(sqs, url, parkings, logger);
  };
  return {
    batch: new Batch(records),
    holdLeftMs: () => holdMs - (clock.monotonicMs() - startedMs),
    timeLeftMs,
    parkUntilDue: (hidden, dueAtMs) => hide(hidden, dueAtMs, leadMs(inlineHoldMs)),
    parkUntil: (hidden, atMs) => hide(hidden, atMs, 0),
    async parked() {
      await Promise.all(calls);
    },
  };
}
