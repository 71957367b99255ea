import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { FallbackStore, StoredClaim, StoredMessage } from '@huntaze/rate-limiter-client/contract';

/** A fallback store in a file that several processes share: the least that is durable, for proofs. */
export interface SqliteFallbackStore extends FallbackStore {
  close(): void;
}

interface Row {
  readonly id: string;
  readonly key: string;
  readonly body: string;
  readonly stored_at_ms: number;
  readonly error: string;
  readonly attempts: number;
  readonly token: string;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS message (
    key TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, stored_at_ms INTEGER NOT NULL, error TEXT NOT NULL,
    due_at_ms INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, token TEXT, dead INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (key, id)
  );
  CREATE INDEX IF NOT EXISTS due ON message (dead, due_at_ms);
`;

/** Opens the store in a file; `nowMs` is its clock. */
export function sqliteFallbackStore(path: string, nowMs: () => number = Date.now): SqliteFallbackStore {
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  const insert = database.prepare(
    'INSERT INTO message (key, id, body, stored_at_ms, error, due_at_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const claim = database.prepare(`
    UPDATE message SET token = ? || rowid, attempts = attempts + 1, due_at_ms = ? WHERE rowid IN (
      SELECT rowid FROM message WHERE dead = 0 AND due_at_ms <= ? ORDER BY due_at_ms, rowid LIMIT ?
    ) RETURNING key, id, body, stored_at_ms, error, attempts, token`);
  const remove = database.prepare('DELETE FROM message WHERE key = ? AND id = ? AND token = ?');
  const fail = database.prepare(
    'UPDATE message SET token = NULL, error = ?, dead = ?, due_at_ms = ?, attempts = attempts - ? WHERE key = ? AND id = ? AND token = ?',
  );
  const count = database.prepare(
    'SELECT coalesce(sum(dead = 0), 0) AS pending, coalesce(sum(dead), 0) AS dead FROM message',
  );

  const inTransaction = (work: () => void) => {
    database.exec('BEGIN IMMEDIATE');
    try {
      work();
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    async save(messages) {
      inTransaction(() => {
        for (const { key, id, body, storedAtMs, error } of messages)
          insert.run(key, id, body, storedAtMs, error, Math.min(storedAtMs, nowMs()));
      });
    },
    async claim({ limit, leaseMs }) {
      const at = nowMs();
      const rows = claim.all(`${randomUUID()}-`, at + leaseMs, at, limit) as unknown as Row[];
      return rows.map(toClaim).toSorted((a, b) => a.message.storedAtMs - b.message.storedAtMs);
    },
    async markReplayed({ message, token }) {
      return remove.run(message.key, message.id, token).changes === 1;
    },
    async markFailed({ message, token }, failure) {
      const { key, id } = message;
      if ('dead' in failure) return fail.run(failure.error, 1, 0, 0, key, id, token).changes === 1;
      const { error, retryAfterMs, untried } = failure;
      return fail.run(error, 0, nowMs() + retryAfterMs, untried ? 1 : 0, key, id, token).changes === 1;
    },
    async counts() {
      const { pending, dead } = count.get() as { pending: number; dead: number };
      return { pending, dead };
    },
    close: () => database.close(),
  };
}

function toClaim({ id, key, body, stored_at_ms: storedAtMs, error, attempts, token }: Row): StoredClaim {
  const message: StoredMessage = { id, key, body, storedAtMs, error };
  return { message, token, attempt: attempts };
}
