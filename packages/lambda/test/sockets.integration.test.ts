import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createWorker } from '../src/worker.ts';

const CONCURRENCY = 60;

const { promise: deletion, resolve: deleted } = Promise.withResolvers<string>();
const polls: ServerResponse[] = [];

/** SQS that lets every poll wait, until one is open for each loop: then it answers the first with a message. */
const server = createServer(async (request, response) => {
  const input = (await json(request)) as { readonly Entries?: readonly { readonly ReceiptHandle: string }[] };
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  if (request.headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') {
    deleted(input.Entries?.[0]?.ReceiptHandle ?? 'none');
    return void response.end(JSON.stringify({ Successful: [{ Id: '0' }], Failed: [] }));
  }
  if (polls.push(response) !== CONCURRENCY) return;
  const message = { MessageId: 'm', ReceiptHandle: 'handle', Body: '{}', MD5OfBody: MD5_OF_BODY };
  polls[0]!.end(JSON.stringify({ Messages: [message] }));
});

/** Of `{}`. */
const MD5_OF_BODY = '99914b932bd37a50b983c5e7c90ae93b';

beforeEach(async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

it('a worker with the client that it makes polls with every loop at once, and deletes all the same', async () => {
  const { port } = server.address() as AddressInfo;
  const worker = createWorker({
    queueUrl: `http://127.0.0.1:${port}/000000000000/messages`,
    handler: async () => ({ batchItemFailures: [] }),
    concurrency: CONCURRENCY,
    pollWaitMs: 20_000,
  });

  worker.start();
  expect(await deletion).toBe('handle');
  expect(polls.length).toBeGreaterThanOrEqual(CONCURRENCY);
  await worker.stop({ timeoutMs: 0 });
});
