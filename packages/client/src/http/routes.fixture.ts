import { createRateLimiterClient } from '../client.ts';
import { QUEUE_URL } from '../client.fixture.ts';
import { onlyFansMessage } from '../presets/index.ts';
import type { Sqs } from '../queue/sqs.ts';
import { deny } from './access.ts';

export { makeLogger } from '../client.fixture.ts';

/** What SQS holds, and what it answers next. */
function makeQueue() {
  const bodies: string[] = [];
  let failure: unknown;
  const sqs: Sqs = {
    async send({ input }) {
      if (failure !== undefined) throw failure;
      if (!('Entries' in input)) return { Attributes: counts };
      const entries = input.Entries as readonly { readonly Id: string; readonly MessageBody: string }[];
      bodies.push(...entries.map(({ MessageBody }) => MessageBody));
      return { Successful: entries.map(({ Id }) => ({ Id, MessageId: `sqs-${Id}` })) };
    },
  };
  return {
    sqs,
    messages: () => bodies.map((body) => JSON.parse(body) as Record<string, unknown>),
    /** From now on every request fails with this. */
    fail(error: unknown) {
      failure = error;
    },
  };
}

const counts = {
  ApproximateNumberOfMessages: '3',
  ApproximateNumberOfMessagesNotVisible: '2',
  ApproximateNumberOfMessagesDelayed: '0',
};

/** A client for messages to subscribers, over a queue that is an array. */
export function makeQueuedClient() {
  const queue = makeQueue();
  let ids = 0;
  const client = createRateLimiterClient({
    queueUrl: QUEUE_URL,
    sqs: queue.sqs,
    payload: onlyFansMessage,
    ids: { next: () => `id-${++ids}` },
  });
  return { client, queue };
}

/** Who may call: `Authorization: Bearer anna` is anna, who has two accounts. */
export async function authenticate(request: Request) {
  switch (request.headers.get('authorization')) {
    case 'Bearer anna':
      return { name: 'anna', accounts: ['anna-1', 'anna-2'] };
    case 'Bearer blocked':
      return deny(403);
    case 'Bearer busy':
      return deny(429, { retryAfterMs: 1_500 });
    case 'Bearer undecided':
      return deny(503);
    case 'Bearer broken':
      throw new TypeError('the token is secret-token');
    default:
      return undefined;
  }
}

/** The account that was asked for if it is one of the caller's, and without a question the first. */
export function keyOf({ accounts }: { readonly accounts: readonly string[] }, requested: string | undefined) {
  return requested === undefined ? accounts[0] : accounts.find((account) => account === requested);
}

export const payload = { recipientId: 'fan-1', content: 'hello' };

/** A request of anna's, unless told otherwise. */
export function post(body: unknown, headers: Readonly<Record<string, string>> = {}): Request {
  return new Request('http://localhost/messages', {
    method: 'POST',
    headers: { authorization: 'Bearer anna', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
