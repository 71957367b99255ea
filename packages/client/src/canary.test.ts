import { SendMessageBatchCommand, type SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeClient, mockSqs } from './client.fixture.ts';
import { onlyFansMessage, RateLimiterError, type OnlyFansMessage } from './index.ts';

/** Stands for content that nobody may read outside the queue. */
const CANARY = 'canary-3f9a';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const payload: OnlyFansMessage = {
  recipientId: CANARY,
  content: CANARY,
  mediaUrls: [`https://cdn.example.com/${CANARY}`],
  metadata: { note: CANARY, [`${CANARY} as a name`]: CANARY },
};

/** Answers of SQS in every kind of failure, each repeating what it was sent. */
const failures: [string, (body: string) => unknown][] = [
  ['refuses the request', (body) => Promise.reject(Object.assign(new Error(body), { name: 'AccessDenied' }))],
  ['cannot be reached', (body) => Promise.reject(Object.assign(new Error(body), { code: 'ECONNRESET' }))],
  [
    'throws an error named like the body',
    (body) => Promise.reject(Object.assign(new Error(), { name: body })),
  ],
  ['refuses an entry', (Message) => ({ Failed: [{ Id: '0', Code: 'Bad', SenderFault: true, Message }] })],
  ['refuses an entry with the body as code', (Code) => ({ Failed: [{ Id: '0', Code, SenderFault: true }] })],
  ['answers for other entries', (Id) => ({ Successful: [{ Id }], Failed: [{ Id: '0', SenderFault: true }] })],
  ['accepts', () => ({ Successful: [{ Id: '0' }] })],
];

describe('payload content', () => {
  it.each(failures)('shows in no log, metric, span or error when SQS %s', async (_, answer) => {
    sqs
      .on(SendMessageBatchCommand)
      .callsFake(({ Entries }: SendMessageBatchCommandInput) => answer(Entries?.[0]?.MessageBody ?? ''));
    const { client, heard } = makeClient({ payload: onlyFansMessage });

    const outcome = await client.send({ key: 'k', payload }).catch(visible);

    expect(JSON.stringify({ outcome, ...told(heard) })).not.toContain(CANARY);
  });

  it.each([
    ['the schema refuses it', { ...payload, content: [CANARY], [CANARY]: CANARY }],
    [
      'a media URL is refused',
      { ...payload, mediaUrls: [`https://${CANARY}@example.com/`, `http://${CANARY}/`] },
    ],
    ['it is too large', { ...payload, content: CANARY.repeat(100_000) }],
    ['it is not JSON', { ...payload, metadata: { [`${CANARY} as a name`]: Symbol(CANARY) } }],
    ['it is text', CANARY],
  ])('shows in no log, metric, span or error when %s', async (_, refused) => {
    const { client, heard } = makeClient({ payload: onlyFansMessage });

    const outcome = await client.send({ key: 'k', payload: refused as never }).catch(visible);

    expect(outcome).toHaveProperty('name', 'PayloadError');
    expect(JSON.stringify({ outcome, ...told(heard) })).not.toContain(CANARY);
  });

  it('shows in no problem with a key, an id or a priority either', async () => {
    const { client, heard } = makeClient();
    const head = `${CANARY} with spaces`;

    const outcome = await client
      .send({ key: head, id: head, priority: head as never, payload: null })
      .catch(visible);

    expect(JSON.stringify({ outcome, ...told(heard) })).not.toContain(CANARY);
  });
});

/** What a host that logs an error sees of it; the cause is what its own SQS client threw. */
function visible(error: unknown): unknown {
  if (!(error instanceof RateLimiterError)) throw error;
  const { cause: _, ...fields } = error;
  return { ...fields, text: String(error), stack: error.stack };
}

function told({ logs, measured, spans }: ReturnType<typeof makeClient>['heard']): object {
  return { logs, measured, spans: spans.map(({ name, error }) => [name, error && visible(error)]) };
}
