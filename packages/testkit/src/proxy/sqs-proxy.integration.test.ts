import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { startSqs } from '../sqs/server.ts';
import { startSqsProxy, type SqsFault } from './sqs-proxy.ts';

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
const server = await startSqs();
stack.defer(() => server.stop());
let fault: SqsFault | undefined;
const proxy = await startSqsProxy({ target: server.endpoint, fate: () => fault, slowMs: 200 });
stack.defer(() => proxy.stop());
const sqs = new SQSClient({
  endpoint: proxy.endpoint,
  region: server.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});
stack.defer(() => sqs.destroy());
let queues = 0;

/** Sends two messages under a fault: what their sender learns, and what the queue holds. */
async function sendUnder(next: SqsFault | undefined, abortAfterMs = 100) {
  const { queueUrl } = await server.createQueue({ name: `proxy-${queues++}`, visibilitySeconds: 30 });
  fault = next;
  const command = new SendMessageBatchCommand({
    QueueUrl: queueUrl,
    Entries: ['a', 'b'].map((body, index) => ({ Id: String(index), MessageBody: `${queueUrl} ${body}` })),
  });
  const learned = await sqs.send(command, { abortSignal: AbortSignal.timeout(abortAfterMs) }).then(
    ({ Successful = [], Failed = [] }) => ({
      successful: Successful.map(({ Id }) => Id),
      failed: Failed.map(({ Id }) => Id),
    }),
    (error: Error & { code?: string }) => error.code ?? error.name,
  );
  const held = await server.readAll(queueUrl);
  const untold = held.filter(({ body }) => proxy.untold.has(body)).length;
  return { learned, held: held.length, untold };
}

describe('the SQS proxy', () => {
  it('lets requests pass', async () => {
    expect(await sendUnder(undefined, 5_000)).toEqual({
      learned: { successful: ['0', '1'], failed: [] },
      held: 2,
      untold: 0,
    });
  });

  it.each<[SqsFault, string]>([
    ['server error', 'ServiceUnavailable'],
    ['throttled', 'RequestThrottled'],
    ['reset', 'ECONNRESET'],
    ['no answer', 'AbortError'],
  ])('lets nothing pass under "%s"', async (next, learned) => {
    expect(await sendUnder(next, 1_000)).toEqual({ learned, held: 0, untold: 0 });
  });

  it('lets a request pass and loses its reply', async () => {
    expect(await sendUnder('reply lost', 5_000)).toEqual({ learned: 'ECONNRESET', held: 2, untold: 2 });
  });

  it('lets half of a request pass, and says so', async () => {
    expect(await sendUnder('half of it', 5_000)).toEqual({
      learned: { successful: ['0'], failed: ['1'] },
      held: 1,
      untold: 0,
    });
  });

  it('is too slow for who does not wait, and in time for who does', async () => {
    expect(await sendUnder('slow', 5_000)).toMatchObject({ learned: { successful: ['0', '1'] }, held: 2 });
    expect(await sendUnder('slow', 100)).toMatchObject({ learned: 'AbortError', held: 2 });
    expect(proxy.struck.get('slow')).toBe(2);
  });
});
