import type { KeyStateStore } from './key-state-store.ts';

/** A store in this process's memory, as plain as can be. */
export function mapStore(): KeyStateStore & {
  readonly states: Map<string, { version: string; state: string }>;
  readonly records: Map<string, string>;
} {
  const states = new Map<string, { version: string; state: string }>();
  const records = new Map<string, string>();
  let began: number | undefined;
  return {
    states,
    records,
    beganMs: async (nowMs) => (began ??= nowMs),
    read: async (key, ids) => ({
      ...states.get(key),
      records: new Map(
        ids.flatMap((id) => {
          const text = records.get(`${key} ${id}`);
          return text === undefined ? [] : [[id, text] as const];
        }),
      ),
    }),
    async write(key, { expected, version, state, records: changes }) {
      for (const { id, text } of changes) records.set(`${key} ${id}`, text);
      if (states.get(key)?.version !== expected) return false;
      states.set(key, { version, state });
      return true;
    },
  };
}
