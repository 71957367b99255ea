import { createHash } from 'node:crypto';
import type { OfQueue } from './operations.ts';
import { queueIdentity } from './queue-identity.ts';

/** Whose limit something counts towards. */
interface Asked {
  readonly key: string;
  readonly queue?: string | undefined;
}

/** A message of a queue, as whoever asks names it. */
interface Named {
  readonly id: string;
  readonly life?: number | undefined;
}

/** The names under which a limiter keeps keys and messages. No two of different meaning are equal (decision 43). */
export interface Naming {
  /** Whose limit it is: `KEY`, `UPSTREAM/KEY`, or, of a queue without an upstream, `QUEUE/KEY`. */
  account(asked: Asked): string;
  /** Which message of that account it is. Holds no space. */
  message(asked: Asked, message: Named): string;
  /** Whose limit an operator means. */
  byOperator(key: string, of: OfQueue | undefined): Asked;
  /** The same items under the names of their messages. */
  messages<Item extends Named>(asked: Asked, items: readonly Item[]): readonly Item[];
}

/** Names what a limiter keeps. Without an upstream every queue has limits of its own. */
export function naming(upstream: string | undefined): Naming {
  const tagOf = ({ queue }: Asked) =>
    upstream === undefined || queue === undefined ? '' : queueTag(queue) + TAG_ENDS;
  return {
    account({ key, queue }) {
      const space = upstream ?? queue;
      // A slash ends a part, and a colon the name: parts hold none of them.
      const own = key.replace(/[:%/]/g, encodeURIComponent);
      return space === undefined ? own : `${space.replace(/[:%]/g, encodeURIComponent)}/${own}`;
    },
    byOperator: (key, { queueUrl } = {}) => ({
      key,
      queue: queueUrl === undefined ? undefined : queueIdentity(queueUrl),
    }),
    message: (asked, message) => nameOf(tagOf(asked), message),
    messages(asked, items) {
      const tag = tagOf(asked);
      return items.map((item) => ({ ...item, id: nameOf(tag, item) }));
    },
  };
}

/** An id is printable ASCII, so it holds neither of these. */
const TAG_ENDS = '\t';
const LIFE_BEGINS = '\n';

function nameOf(tag: string, { id, life = 1 }: Named): string {
  return tag + id + (life > 1 ? LIFE_BEGINS + life : '');
}

/** Short, since a limiter keeps it with every message: 48 bits tell the queues of one upstream apart. */
const TAG_LENGTH = 8;

/** A queue in 8 characters. */
export function queueTag(queue: string): string {
  return createHash('sha256').update(queue).digest('base64url').slice(0, TAG_LENGTH);
}
