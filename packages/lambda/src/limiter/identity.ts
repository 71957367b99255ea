import { createHash } from 'node:crypto';
import { expecting, optional, requireOptions, whole } from '../checks/checks.ts';
import type { AdmitRequest, Candidate } from './limiter.ts';
import type { OfMessage, OfQueue } from './operations.ts';
import { queueIdentity } from './queue-identity.ts';

/** Whose limit something counts towards. */
type Asked = Pick<AdmitRequest, 'key' | 'queue'>;

/** A message of a queue, as whoever asks names it. */
type Named = Pick<Candidate, 'id' | 'life'>;

/** The names under which a limiter keeps keys and messages. No two of different meaning are equal (decision 43). */
export type Naming = ReturnType<typeof naming>;

const text = expecting('a string', (found) => typeof found === 'string');
const queueName = expecting(
  'the URL or the ARN of a queue',
  (found) => typeof found === 'string' && found !== '',
);
const checksOf = (needsQueue: boolean) => ({
  queueUrl: needsQueue ? queueName : optional(queueName),
  life: optional(whole(1, Number.MAX_SAFE_INTEGER)),
});

/** @throws {ConfigurationError} when it is not said as it must be. */
function byOperator(key: string, messageId: string, of: OfMessage = {}, needsQueue = false): Asked {
  requireOptions({ key: text, messageId: text }, { key, messageId });
  requireOptions(checksOf(needsQueue), of);
  const { queueUrl } = of;
  return { key, queue: queueUrl === undefined ? undefined : queueIdentity(queueUrl) };
}

/** Names what a limiter keeps. Without an upstream every queue has limits of its own. */
export function naming(upstream: string | undefined) {
  const tagOf = ({ queue }: Asked) =>
    upstream === undefined || queue === undefined ? '' : queueTag(queue) + TAG_ENDS;
  /** Whose limit it is: `KEY`, `UPSTREAM/KEY`, or, of a queue without an upstream, `QUEUE/KEY`. */
  const account = ({ key, queue }: Asked): string => {
    const space = upstream ?? queue;
    // A slash ends a part, and a colon the name: parts hold none of them.
    const own = key.replace(/[:%/]/g, encodeURIComponent);
    return space === undefined ? own : `${space.replace(/[:%]/g, encodeURIComponent)}/${own}`;
  };
  return {
    account,
    /**
     * Whose limit an operator means.
     * @throws {ConfigurationError} when the queue is not said as it must be: nothing would be found, in silence.
     */
    byOperator: (key: string, of: OfQueue | undefined) => byOperator(key, '', of),
    /** The same for a message, which an upstream of several queues knows by its queue. */
    messageByOperator(key: string, id: string, of: OfMessage | undefined) {
      const asked = byOperator(key, id, of, upstream !== undefined);
      return { account: account(asked), message: nameOf(tagOf(asked), { ...of, id }) };
    },
    /** Which message of that account it is. Holds no space. */
    message: (asked: Asked, message: Named) => nameOf(tagOf(asked), message),
    /** The same items under the names of their messages. */
    messages<Item extends Named>(asked: Asked, items: readonly Item[]): readonly Item[] {
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
