import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeClient, mockSqs } from './client.fixture.ts';
import { memoryFallbackStore } from './fallback/memory-store.ts';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const noCredentials = Object.assign(new Error('Could not load credentials from any providers'), {
  name: 'CredentialsProviderError',
});

it.each([
  ['RegionMissing', new Error('Region is missing'), 'QUEUE_REJECTED', 1],
  ['CredentialsProviderError', noCredentials, 'QUEUE_UNAVAILABLE', 3],
])('without it, %s: nothing is lost, and everything says so', async (name, error, code, requests) => {
  sqs.on(SendMessageBatchCommand).rejects(error).on(GetQueueAttributesCommand).rejects(error);
  const retry = { initialDelayMs: 0, maxDelayMs: 0 };
  const says = expect.stringMatching(new RegExp(`${name}: no request was made, because`));
  const message = { key: 'k', payload: null };

  const alone = makeClient({ retry });
  await expect(alone.client.send(message)).rejects.toMatchObject({ code, message: says });
  expect(sqs.commandCalls(SendMessageBatchCommand)).toHaveLength(requests);
  expect(await alone.client.status()).toMatchObject({ queue: { unavailable: says } });

  const fallbackStore = memoryFallbackStore();
  const { client } = makeClient({ retry, fallbackStore, breaker: { failureThreshold: 1_000 } });
  expect(await client.send(message)).toMatchObject({ outcome: 'stored', cause: { message: says } });
  for (let replays = 0; replays < 40; replays++)
    expect(await client.replay()).toMatchObject({ replayed: 0, dead: 0, remaining: 1 });

  sqs.restore();
  sqs = mockSqs();
  expect(await client.replay()).toMatchObject({ replayed: 1, remaining: 0 });
});
