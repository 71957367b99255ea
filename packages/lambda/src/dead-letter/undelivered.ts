import type { Invocation } from '../batch/invocation.ts';
import type { Settings } from '../options.ts';
import type { ReadRecord } from '../message/read-message.ts';
import { finishUndecided, finishUnreadable } from './dead-letter.ts';

/** A record that is no delivery. */
export type Undelivered = Exclude<ReadRecord<never>, { readonly kind: 'delivery' }>;

/** Sets aside what could not be read, and leaves in its queue what could not be decided. Never throws. */
export async function finishUndelivered(
  settings: Settings,
  invocation: Invocation,
  one: Undelivered,
): Promise<void> {
  if (one.kind === 'unreadable') await finishUnreadable(settings, invocation, one);
  else finishUndecided(settings, invocation, one);
}
