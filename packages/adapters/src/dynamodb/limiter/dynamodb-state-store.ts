import { inParallel } from '@huntaze/kit';
import type { KeySnapshot, KeyStateStore } from '@huntaze/rate-limiter-lambda/stored';
import { numberOf } from '../item.ts';
import { REQUESTS_AT_ONCE, type RequestParts } from '../requests.ts';
import { limiterTable, type Attributes } from './limiter-table.ts';
import { BEGAN_ID, recordId, stateId, stateItem } from './state-items.ts';
import { textOf } from './stored-text.ts';

/**
 * States and records in one DynamoDB table, an item each. Records are read before the state and written before it, every
 * item under the condition that it still is what was read: so a write that was held up, by throttling or on its way,
 * overwrites nothing that came after what it was decided on.
 */
export function dynamoDbStateStore(parts: RequestParts & { readonly tableName: string }): KeyStateStore {
  const { clock } = parts;
  /** Of the records that each snapshot was made of. */
  const versions = new WeakMap<KeySnapshot, ReadonlyMap<string, string | undefined>>();

  return {
    async beganMs(nowMs) {
      const table = limiterTable(parts);
      const known = await table.get(BEGAN_ID);
      if (known) return numberOf(known['beganMs']);
      await table.putNew({ id: BEGAN_ID, beganMs: nowMs });
      return numberOf((await table.get(BEGAN_ID))?.['beganMs']);
    },

    async read(key, ids) {
      const table = limiterTable(parts);
      const found = await table.getAll(ids.map((id) => recordId(key, id)));
      const state = await table.get(stateId(key));
      const items = new Map(found.map((item) => [String(item['id']), item] as const));
      const known = ids.map((id) => [id, items.get(recordId(key, id))] as const);
      const snapshot: KeySnapshot = {
        ...(state && { version: versionOf(state), state: textOf(state['text']) }),
        records: new Map(known.flatMap(([id, item]) => (item ? [[id, textOf(item['text'])] as const] : []))),
      };
      versions.set(snapshot, new Map(known.map(([id, item]) => [id, item && versionOf(item)] as const)));
      return snapshot;
    },

    async write(key, change) {
      const { read, expected, version, records } = change;
      const table = limiterTable(parts);
      const nowMs = clock.nowMs();
      const known = read && versions.get(read);
      const written = await inParallel(records, REQUESTS_AT_ONCE, (record) => {
        const item = stateItem(recordId(key, record.id), version, record, nowMs);
        return known?.has(record.id) ? table.replace(item, known.get(record.id)) : table.put(item);
      });
      if (written.includes(false)) return false;
      const item = stateItem(stateId(key), version, { text: change.state, keepMs: change.keepMs }, nowMs);
      return table.replace(item, expected);
    },
  };
}

const versionOf = (item: Attributes): string => String(item['version']);
