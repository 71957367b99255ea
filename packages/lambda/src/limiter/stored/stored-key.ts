import { KeyState } from '../key/key-state.ts';
import type { Claimed } from '../key/grant.ts';
import { WAITER_GRACE_MS } from '../limiter.ts';
import { US_PER_MS } from '../limits/rules.ts';
import { CoarseWaitQueue, type NumberedWaiter } from './coarse-wait-queue.ts';
import type { KeyChange, KeySnapshot, RecordChange } from './key-state-store.ts';
import { LoadedRecords, type Memory, type StoredMessage } from './loaded-records.ts';
import { pack, unpack } from './packed-text.ts';
import { readState, stateText, type StateForm } from './state-text.ts';

const GRACE_US = WAITER_GRACE_MS * US_PER_MS;

/** Above so many, claims that ran out are kept outside the state. */
const MOST_CLAIMS = 50;

/** How a stored limiter sees its keys. */
export interface Sight extends Memory {
  /** By how much the clocks of two askers may differ. */
  readonly clockSkewUs: number;
}

/** Which messages a question is about. */
export interface About {
  readonly ids: readonly string[];
  /** The claims that the asker holds. */
  readonly tokens?: ReadonlyMap<string, number>;
}

/** A key's state as it was read, to be asked and written back. */
export class StoredKey {
  readonly state: KeyState;
  readonly #about: About;
  readonly #snapshot: KeySnapshot;
  readonly #records: LoadedRecords;
  readonly #queue: CoarseWaitQueue;
  readonly #unknownBeforeUs: number | undefined;
  readonly #waitersBefore: ReadonlyMap<string, NumberedWaiter | undefined>;

  /** @param beganUs up to when nothing is known of a key without a state; undefined where nothing was before. */
  constructor(sight: Sight, about: About, snapshot: KeySnapshot, beganUs: number | undefined) {
    this.#about = about;
    this.#snapshot = snapshot;
    const known = snapshot.state === undefined ? undefined : readState(snapshot.state);
    const claims = new Map(known?.claims);
    const loaded = new Map(
      [...snapshot.records].map(([id, text]) => [id, unpack(text) as StoredMessage] as const),
    );
    this.#records = new LoadedRecords(sight, claims, loaded, about.tokens ?? new Map());
    this.#queue = new CoarseWaitQueue((number) => waitersOf(loaded, claims, number), known?.queue);
    this.#waitersBefore = new Map(about.ids.map((id) => [id, this.#queue.find(id)]));
    this.#unknownBeforeUs = known ? known.unknownBeforeUs : beganUs;
    const memory = {
      records: this.#records,
      queue: this.#queue,
      unknownBeforeUs: () => this.#unknownBeforeUs,
      waitedOutUs: sight.clockSkewUs,
    };
    this.state = known ? new KeyState(memory, known.key) : new KeyState(memory);
  }

  /** What is to be written, by the key's own time. */
  change(version: string, nowUs: number): KeyChange {
    this.#records.moveOut(MOST_CLAIMS, nowUs);
    const keepUntilUs = Math.max(this.state.lastUs + this.state.keptUs, this.#queue.expectedUntilUs);
    return {
      expected: this.#snapshot.version,
      version,
      state: stateText(this.#form, nowUs),
      keepMs: toMs(keepUntilUs - nowUs),
      records: this.#recordChanges(nowUs),
    };
  }

  get #form(): StateForm {
    return {
      key: this.state.form,
      queue: this.#queue.form,
      claims: [...this.#records.claims],
      unknownBeforeUs: this.#unknownBeforeUs,
    };
  }

  /** Those that are claimed are part of the state, and need none: their claims outdo what was written of them before. */
  #recordChanges(nowUs: number): RecordChange[] {
    const { claims, changed } = this.#records;
    const waiting = this.#about.ids.filter((id) => this.#waitersBefore.get(id) !== this.#queue.find(id));
    return [...new Set([...changed.keys(), ...waiting])].flatMap((id) => {
      if (claims.has(id)) return [];
      const waiter = this.#queue.find(id);
      const kept = this.#records.kept(id, nowUs);
      const afterToken = changed.get(id)?.afterToken;
      const message: StoredMessage = {
        ...(kept && { record: kept.record, keptUntilUs: kept.keptUntilUs }),
        ...(afterToken !== undefined && { afterToken }),
        ...(waiter && { waiter, queueNumber: this.#queue.number }),
      };
      const keptUntilUs = Math.max(kept?.keptUntilUs ?? 0, waiter ? waiter.dueUs + 2 * GRACE_US : 0);
      return [{ id, text: pack(message, nowUs), keepMs: toMs(keptUntilUs - nowUs) }];
    });
  }
}

const toMs = (us: number) => Math.max(0, Math.ceil(us / US_PER_MS));

/** A message that is claimed waits no more, whatever was written before. */
function waitersOf(
  loaded: ReadonlyMap<string, StoredMessage>,
  claims: ReadonlyMap<string, Claimed>,
  number: number,
): ReadonlyMap<string, NumberedWaiter> {
  return new Map(
    [...loaded].flatMap(([id, { waiter, queueNumber }]) =>
      waiter && queueNumber === number && !claims.has(id) ? [[id, waiter] as const] : [],
    ),
  );
}
