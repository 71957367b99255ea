import type { FallbackStore, StoredClaim, StoredMessage } from '../../contract/index.ts';

/** What a scenario works with. */
export interface Given {
  readonly store: FallbackStore;
  nowMs(): number | Promise<number>;
  elapse(ms: number): Promise<void>;
  seenFrom(host: { readonly aheadMs: number }): FallbackStore;
  readonly leaseMs: number;
  readonly maxBodyBytes: number;
  readonly volume: number;
}

/** Rejects when the store does not do what the scenario's name says. */
export type Scenario = (given: Given) => Promise<void>;

/** When the first message was stored. Every clock that a test is likely to set is past it, with room for a flood. */
const FIRST_STORED_AT_MS = Date.UTC(2000, 0, 1);

/** How long before the present of the store's clock the messages must be stored. */
const ROOM_MS = 86_400_000;

/** @throws {Error} when the store's clock stands at a time at which the messages of the cases are not yet stored. */
export async function assertPastStart(nowMs: Given['nowMs']): Promise<void> {
  const found = await nowMs();
  if (found >= FIRST_STORED_AT_MS + ROOM_MS) return;
  throw new Error(
    `expected nowMs of the store under test to give an instant after 2000-01-02, found ${found}: start its clock later`,
  );
}

/** A message as the client stores one. */
export function message(id: string, overrides: Partial<StoredMessage> = {}): StoredMessage {
  const key = overrides.key ?? 'account-1';
  return {
    id,
    key,
    body: `{"v":1,"id":${JSON.stringify(id)},"key":${JSON.stringify(key)},"payload":null}`,
    storedAtMs: FIRST_STORED_AT_MS,
    error: 'SQS did not answer',
    ...overrides,
  };
}

/** So many messages, each stored a millisecond after the one before. */
export function messages(count: number): readonly StoredMessage[] {
  return Array.from({ length: count }, (_, index) =>
    message(`m-${index}`, { storedAtMs: FIRST_STORED_AT_MS + index }),
  );
}

/** The ids of claimed messages, in the order in which they were given. */
export function ids(claims: readonly StoredClaim[]): readonly string[] {
  return claims.map((claim) => claim.message.id);
}

/** Claims what must be exactly one message. */
export async function claimOne({ store, leaseMs }: Given): Promise<StoredClaim> {
  const claims = await store.claim({ limit: 10, leaseMs });
  const [claim] = claims;
  if (claim === undefined || claims.length > 1) {
    throw new Error(`expected one message to be due, found ${claims.length}`);
  }
  return claim;
}

/**
 * Claims until nothing is due and gives each round's claims.
 * @throws {Error} when the store gives more than `most` messages: it gives some of them twice.
 */
export async function* claimAll({ store, leaseMs }: Given, limit: number, most: number) {
  let given = 0;
  for (;;) {
    const claims = await store.claim({ limit, leaseMs });
    if (claims.length === 0) return;
    given += claims.length;
    if (given > most)
      throw new Error(`expected at most ${most} messages, found more: claimed ones are given again`);
    yield claims;
  }
}
