import type { StoredMessage } from '@huntaze/rate-limiter-client/contract';
import type { Contender } from './contender.ts';

/** Operations whose rates are compared: `save` of messages whose ids the client made, and of those the host named. */
export const operations = ['save', 'save, own ids', 'claim', 'settle'] as const;
export type Rates = Readonly<Record<(typeof operations)[number], number>>;

/** How one round is run. */
export interface Load {
  readonly messages: number;
  /** Messages of one save, and of one claim. */
  readonly together: number;
  /** Calls under way at a time. */
  readonly callers: number;
}

const BODY_BYTES = 500;

/** Messages per second that a contender saves, claims and settles. Each claim is settled later, by itself. */
export async function measure(contender: Contender, { messages, together, callers }: Load): Promise<Rates> {
  const all = storedMessages(messages);
  const batches = Array.from({ length: messages / together }, (_, index) =>
    all.slice(index * together, (index + 1) * together),
  );
  const saveAll = async (fresh: boolean) => {
    await contender.clear();
    return rate(messages, callers, batches, (batch) =>
      contender.save(batch.map((message) => ({ ...message, fresh }))),
    );
  };
  const saveOwnIds = await saveAll(false);
  const save = await saveAll(true);
  const claimed: Parameters<Contender['settle']>[0][] = [];
  const claim = await rate(messages, callers, batches, async () => {
    claimed.push(...(await contender.claim(together)));
  });
  // Two that claim at once may leave something behind.
  for (let left = 1; left > 0;) {
    const more = await contender.claim(together);
    claimed.push(...more);
    left = more.length;
  }
  if (claimed.length !== messages) {
    throw new Error(`bench: expected ${contender.name} to claim ${messages}, found ${claimed.length}`);
  }
  const settle = await rate(messages, callers * 4, claimed, (one) => contender.settle(one));
  return { save, 'save, own ids': saveOwnIds, claim, settle };
}

async function rate<Item>(
  messages: number,
  callers: number,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<number> {
  const waiting = items.values();
  const caller = async () => {
    for (const item of waiting) await work(item);
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return messages / ((performance.now() - startedMs) / 1_000);
}

function storedMessages(count: number): readonly StoredMessage[] {
  const body = JSON.stringify({ v: 1, payload: 'x'.repeat(BODY_BYTES) });
  return Array.from({ length: count }, (_, index) => ({
    id: `m-${index}`,
    key: `account-${index % 100}`,
    body,
    storedAtMs: Date.UTC(2026, 0, 1) + index,
    error: 'SQS did not answer',
  }));
}
