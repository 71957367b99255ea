import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { PermanentError, RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SqsRecord } from '../src/message/event.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { FIFO_QUEUE_ARN, lambdaContext, record, sqsEvent } from '../src/testing/records.ts';
import { scriptedLimiter, type ScriptedAnswer } from '../src/testing/scripted-limiter.ts';

const RUNS = process.env['DEEP'] ? 5_000 : 300;
const LEASE_MS = 5_000;
const HOLD_MS = 2_000;
/** What an aborted delivery may take on top. */
const GRACE_MS = 250;

/** A received record, as drawn. Few keys and ids, so that duplicates are common. */
interface DrawnRecord {
  readonly key: string;
  readonly id: string;
  readonly receives: number;
  readonly body: string | undefined;
}

/** An answer of the limiter, relative to the moment it is given. */
type DrawnAnswer =
  | { readonly kind: 'granted'; readonly attempt: number; readonly takeover: boolean }
  | { readonly kind: 'wait' | 'busy'; readonly inMs: number }
  | { readonly kind: 'settled' }
  | { readonly kind: 'outage' };

/** What a call of `deliver` does, after a while. `deaf` ignores that it is told to stop. */
interface DrawnDelivery {
  readonly afterMs: number;
  readonly deaf: boolean;
  readonly ends: 'well' | 'badly' | 'permanently' | 'silently' | 'with nothing' | 'never';
}

interface Scenario {
  readonly records: readonly DrawnRecord[];
  readonly answers: readonly DrawnAnswer[];
  readonly deliveries: readonly DrawnDelivery[];
  readonly settling: readonly ('recorded' | 'lost' | 'outage')[];
  readonly parking: readonly ('taken' | 'refused' | 'broken')[];
  readonly burying: readonly ('taken' | 'broken')[];
  readonly renewing: readonly ('renewed' | 'lost' | 'outage')[];
  readonly fifo: boolean;
  readonly delivery: 'at-least-once' | 'at-most-once';
  readonly remainingMs: number | undefined;
  readonly concurrency: number;
}

it(
  'accounts for every record of every batch, whatever happens, in bounded time',
  { timeout: 600_000 },
  async () => {
    await fc.assert(fc.asyncProperty(scenario, check), { numRuns: RUNS });
  },
);

async function check(drawn: Scenario): Promise<void> {
  const clock = fakeClock();
  const world = build(drawn, clock);
  const records = drawn.records.map((one, index) => toRecord(one, index, drawn.fifo));
  const context = drawn.remainingMs === undefined ? undefined : lambdaContext(clock, drawn.remainingMs);

  let response: { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] } | undefined;
  const handled = world.handler(sqsEvent(...records), context).then((answer) => (response = answer));
  await clock.advance(drawn.remainingMs ?? HOLD_MS + records.length * (LEASE_MS + GRACE_MS));
  expect(response, 'the handler answers in time').toBeDefined();
  await handled;

  const listed = response!.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  const ids = records.map(({ messageId }) => messageId);
  expect(new Set(listed).size, 'no id twice').toBe(listed.length);
  expect(ids, 'no id of another batch').toEqual(expect.arrayContaining(listed));
  if (drawn.fifo) expectOrder(records, listed, world.calls);
  if (drawn.delivery === 'at-most-once') expect(world.repeated(), 'nothing uncertain is repeated').toBe(0);
  for (const { messageId } of world.sqs.parked)
    expect(listed, 'what is parked is listed').toContain(messageId);
  expect(world.mostAtOnce(), 'the concurrency holds').toBeLessThanOrEqual(drawn.concurrency);
  expect(world.overlaps(), 'no message is delivered twice at once').toBe(0);
  for (const [index, { messageId, body }] of records.entries()) {
    const { key, id } = drawn.records[index]!;
    const final =
      world.delivered.has(`${key} ${id}`) ||
      world.settled.has(`${key} ${id}`) ||
      world.sqs.deadLetters.some((letter) => letter.body === body || sameMessage(letter.body, key, id));
    if (!listed.includes(messageId)) expect(final, `${messageId} is final`).toBe(true);
  }
}

/** What is listed of a group is its end, and only its first message can have been started. */
function expectOrder(
  records: readonly SqsRecord[],
  listed: readonly string[],
  calls: readonly { readonly key: string; readonly id: string }[],
): void {
  const groups = Map.groupBy(records, ({ attributes }) => attributes.MessageGroupId);
  for (const [group, members] of groups) {
    const left = members.filter(({ messageId }) => listed.includes(messageId));
    expect(left, 'the end of a group is listed').toEqual(members.slice(members.length - left.length));
    const started = members.slice(0, members.length - left.length + 1).map(({ body }) => body);
    for (const { id } of calls.filter(({ key }) => key === group)) {
      expect(
        started.some((body) => sameMessage(body, group!, id)),
        'nothing starts before what is ahead of it is final',
      ).toBe(true);
    }
  }
}

/** The handler, and a world around it that behaves as drawn and takes notes. */
function build(drawn: Scenario, clock: FakeClock) {
  const next = cycles(drawn);
  const settled = new Set<string>();
  const delivered = new Set<string>();
  const running = new Set<{ readonly name: string }>();
  let most = 0;
  let overlapping = 0;
  let repetitions = 0;
  const takenOver = new Set<string>();
  const made = makeHandler({
    clock,
    delivery: drawn.delivery,
    concurrency: drawn.concurrency,
    inlineHoldMs: HOLD_MS,
    leaseMs: LEASE_MS,
    limiter: {
      async admit(request) {
        const answers = request.candidates.map(() => next.answer());
        const admissions = answers.map((answer) => toScripted(answer, clock.nowMs()));
        const { admit } = scriptedLimiter({ admissions, nowMs: clock.nowMs });
        const answered = await admit(request);
        for (const [index, { kind }] of answered.entries()) {
          const name = `${request.key} ${request.candidates[index]!.id}`;
          if (kind === 'settled') settled.add(name);
        }
        for (const admission of answered) {
          if (admission.kind !== 'granted') continue;
          const { key, id, takeover } = admission.claim;
          if (takeover) takenOver.add(`${key} ${id}`);
          else takenOver.delete(`${key} ${id}`);
        }
        return answered;
      },
      async settle({ settlements }) {
        return settlements.map(() => {
          const outcome = next.settling();
          if (outcome === 'outage') throw new Error('no answer');
          return outcome === 'recorded';
        });
      },
      renew: async ({ claims }) =>
        claims.map(() => {
          const outcome = next.renewing();
          if (outcome === 'outage') throw new Error('no answer');
          return outcome === 'renewed';
        }),
    },
    sqsFaults: {
      park: (messageIds) =>
        messageIds.filter(() => {
          const outcome = next.parking();
          if (outcome === 'broken') throw undefined;
          return outcome === 'refused';
        }),
      bury: () => {
        if (next.burying() === 'broken') throw new Error('no such queue');
      },
    },
    async deliver({ key, id }, { signal }) {
      const name = `${key} ${id}`;
      const { afterMs, deaf, ends } = next.delivery();
      const call = { name };
      if (takenOver.has(name)) repetitions++;
      if ([...running].some((other) => other.name === name)) overlapping++;
      most = Math.max(most, running.add(call).size);
      // Who does not listen is given up, and counts no more.
      signal.addEventListener('abort', () => void clock.sleep(GRACE_MS).then(() => running.delete(call)));
      try {
        await clock.sleep(ends === 'never' ? Number.MAX_SAFE_INTEGER : afterMs, deaf ? undefined : signal);
        if (signal.aborted && !deaf) throw signal.reason;
        if (ends === 'badly') throw new Error('bad gateway');
        if (ends === 'permanently') throw new PermanentError('refused');
        if (ends === 'silently') throw new RetryAfterError({ retryAfterMs: 10_000 });
        if (ends === 'with nothing') throw undefined;
        delivered.add(name);
      } finally {
        running.delete(call);
      }
    },
  });
  return {
    ...made,
    settled,
    delivered,
    mostAtOnce: () => most,
    overlaps: () => overlapping,
    repeated: () => repetitions,
  };
}

/** Each list of what was drawn, from its start again when it ends. */
function cycles({ answers, deliveries, settling, parking, burying, renewing }: Scenario) {
  return {
    answer: cycle(answers),
    delivery: cycle(deliveries),
    settling: cycle(settling),
    parking: cycle(parking),
    burying: cycle(burying),
    renewing: cycle(renewing),
  };
}

function cycle<Item>(items: readonly Item[]): () => Item {
  let at = 0;
  return () => items[at++ % items.length]!;
}

function toScripted(answer: DrawnAnswer, nowMs: number): ScriptedAnswer {
  switch (answer.kind) {
    case 'granted':
      return answer;
    case 'wait':
      return { kind: 'wait', dueAtMs: nowMs + answer.inMs, position: 0 };
    case 'busy':
      return { kind: 'busy', retryAtMs: nowMs + answer.inMs };
    case 'settled':
      return { kind: 'settled', outcome: 'delivered' };
    case 'outage':
      return new Error('no answer');
  }
}

function toRecord({ key, id, receives, body }: DrawnRecord, index: number, fifo: boolean): SqsRecord {
  const place = fifo ? { group: key, eventSourceARN: FIFO_QUEUE_ARN } : {};
  const drawn = { messageId: `sqs-${index}`, receives, message: { key, id }, ...place };
  return record({ ...drawn, ...(body !== undefined && { body }) });
}

function sameMessage(body: string, key: string, id: string): boolean {
  try {
    const read = JSON.parse(body) as { key?: unknown; id?: unknown } | null;
    return read?.key === key && read.id === id;
  } catch {
    return false;
  }
}

const drawnRecord: fc.Arbitrary<DrawnRecord> = fc.record({
  key: fc.constantFrom('account-1', 'account-2', '__proto__'),
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  receives: fc.integer({ min: 1, max: 20 }),
  body: fc.option(fc.oneof(fc.string(), fc.json(), fc.constantFrom('', '{"v":2}', '{"v":1}')), {
    freq: 4,
    nil: undefined,
  }),
});

const answer: fc.Arbitrary<DrawnAnswer> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('granted' as const),
      attempt: fc.integer({ min: 1, max: 7 }),
      takeover: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('wait' as const, 'busy' as const),
      inMs: fc.oneof(fc.integer({ min: -1_000, max: 2_500 }), fc.integer({ min: 0, max: 10 ** 9 })),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<DrawnAnswer>({ kind: 'settled' }, { kind: 'outage' }) },
);

const delivery: fc.Arbitrary<DrawnDelivery> = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.nat(500), fc.nat(2 * LEASE_MS)),
  deaf: fc.boolean(),
  ends: fc.constantFrom('well', 'well', 'badly', 'permanently', 'silently', 'with nothing', 'never'),
});

const some = <Item>(arbitrary: fc.Arbitrary<Item>) => fc.array(arbitrary, { minLength: 1, maxLength: 12 });

const scenario: fc.Arbitrary<Scenario> = fc.record({
  records: fc.array(drawnRecord, { maxLength: 15 }),
  answers: some(answer),
  deliveries: some(delivery),
  settling: some(fc.constantFrom('recorded', 'recorded', 'lost', 'outage')),
  parking: some(fc.constantFrom('taken', 'taken', 'refused', 'broken')),
  burying: some(fc.constantFrom('taken', 'taken', 'broken')),
  renewing: some(fc.constantFrom('renewed', 'renewed', 'lost', 'outage')),
  fifo: fc.boolean(),
  delivery: fc.constantFrom('at-least-once', 'at-most-once'),
  remainingMs: fc.option(fc.integer({ min: 1, max: 40_000 }), { nil: undefined }),
  concurrency: fc.integer({ min: 1, max: 20 }),
});
