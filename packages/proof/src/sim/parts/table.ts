import type { KeyStateStore } from '@huntaze/rate-limiter-lambda/stored';

/** What a table does besides what it is asked to, by chance. */
export interface TableFaults {
  /** Whether this write is lost to somebody else's, who wrote the same again. */
  losesRace(): boolean;
  /** Whether this write arrives, and its reply does not. */
  losesReply(): boolean;
}

const nameOf = (key: string, id: string): string => `${key} ${id}`;

/** A database that compares and sets, in the memory of a run: records first, then the state. */
export function openTable(faults: TableFaults): KeyStateStore {
  const states = new Map<string, { readonly version: string; readonly state: string }>();
  const records = new Map<string, string>();
  let beganMs: number | undefined;
  let others = 0;
  return {
    beganMs: async (nowMs) => (beganMs ??= nowMs),
    async read(key, ids) {
      const known = ids.flatMap((id) => {
        const text = records.get(nameOf(key, id));
        return text === undefined ? [] : [[id, text] as const];
      });
      return { ...states.get(key), records: new Map(known) };
    },
    async write(key, { expected, version, state, records: changes }) {
      for (const { id, text } of changes) records.set(nameOf(key, id), text);
      const before = states.get(key);
      if (before && faults.losesRace()) states.set(key, { ...before, version: `other-${others++}` });
      if (states.get(key)?.version !== expected) return false;
      states.set(key, { version, state });
      if (faults.losesReply()) throw new Error('expected a reply, found none');
      return true;
    },
  };
}
