import type { KeyChange, KeySnapshot } from './key-state-store.ts';

/**
 * What the attempts of one decision that lost their race have written of messages all the same: records are written
 * first. The next attempt decides as if they had not been, or it would take its own answer for somebody else's.
 */
export class LostWrites {
  readonly #texts = new Map<string, { readonly written: string; readonly before: string | undefined }>();

  /** What was read, with the texts of before in place of own ones. */
  undone(snapshot: KeySnapshot): KeySnapshot {
    const records = new Map(snapshot.records);
    for (const [id, { written, before }] of this.#texts) {
      if (records.get(id) !== written) continue;
      if (before === undefined) records.delete(id);
      else records.set(id, before);
    }
    return { ...snapshot, records };
  }

  /** This will be written, after a decision on `seen`. */
  add({ records }: KeyChange, seen: KeySnapshot): void {
    for (const { id, text } of records) {
      this.#texts.set(id, { written: text, before: seen.records.get(id) });
    }
  }
}
