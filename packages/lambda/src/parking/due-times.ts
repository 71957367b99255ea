import type { SqsRecord } from '../message/event.ts';
import { receivesOf } from '../message/read-event.ts';

/** The due times that this process gave to waiting messages. */
export type DueTimes = ReturnType<typeof openDueTimes>;

/** Bounds the memory of due times: the oldest are forgotten, and not measured. */
const MAX_MESSAGES = 10_000;

/**
 * Remembers due times here, because nothing that comes back with a message tells for when it was parked. One that comes
 * back to another process is not measured there; a sample is enough to see how late messages wake.
 */
export function openDueTimes(maxMessages = MAX_MESSAGES) {
  const noted = new Map<string, { readonly receives: number; readonly dueAtMs: number }>();
  const take = (record: SqsRecord) => {
    const found = noted.get(record.messageId);
    noted.delete(record.messageId);
    return found;
  };
  return {
    note(record: SqsRecord, dueAtMs: number): void {
      take(record);
      noted.set(record.messageId, { receives: receivesOf(record), dueAtMs });
      for (const oldest of noted.keys()) {
        if (noted.size <= maxMessages) return;
        noted.delete(oldest);
      }
    },
    /** The due time of a message that is admitted; undefined when it had none, or another process has met it since. */
    take(record: SqsRecord): number | undefined {
      const found = take(record);
      // Held, it was not received again; parked, once. More often, and somebody else may have told it otherwise.
      return found && receivesOf(record) - found.receives <= 1 ? found.dueAtMs : undefined;
    },
  };
}
