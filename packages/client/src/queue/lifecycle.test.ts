import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accept, makeClient, mockSqs, requestsTo } from '../client.fixture.ts';
import { ClientClosedError } from '../index.ts';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

describe('close', () => {
  it('lets nothing new start', async () => {
    const { client } = makeClient();
    const unstarted = client.batch([{ key: 'k', payload: null }]);

    await client.close();

    await expect(client.send({ key: 'k', payload: null })).rejects.toThrow(ClientClosedError);
    await expect(client.status()).rejects.toThrow(ClientClosedError);
    expect(() => client.batch([])).toThrow(ClientClosedError);
    await expect(unstarted).rejects.toThrow(ClientClosedError);
    expect(requestsTo(sqs)).toEqual([]);
  });

  it('waits for a message on its way, and gives every caller the same promise', async () => {
    const answer = Promise.withResolvers<object>();
    sqs.on(SendMessageBatchCommand).callsFake(async (input) => answer.promise.then(() => accept(input)));
    const { client, clock } = makeClient();
    const events: string[] = [];

    const sent = client.send({ key: 'k', payload: null }).then(() => events.push('sent'));
    const closed = client.close();
    void closed.then(() => events.push('closed'));
    await clock.advance(0);
    expect(events).toEqual([]);
    answer.resolve({});
    await Promise.all([sent, closed]);

    expect(events).toEqual(['sent', 'closed']);
    expect(client.close()).toBe(closed);
  });

  it('closes an SQS client that it created, and leaves alone one that it was given', async () => {
    const destroy = vi.spyOn(SQSClient.prototype, 'destroy');
    const given = new SQSClient({});

    await makeClient({ sqs: given }).client.close();
    expect(destroy).not.toHaveBeenCalled();
    const { client } = makeClient();
    await client.send({ key: 'k', payload: null });
    await client.close();
    await client.close();

    expect(destroy).toHaveBeenCalledTimes(1);
  });

  it('hands over metrics that are still kept, after the last message', async () => {
    const heard: string[] = [];
    const metrics = {
      record: () => void heard.push('recorded'),
      flush: async () => void heard.push('flushed'),
    };
    const { client } = makeClient({ metrics });

    const sent = client.send({ key: 'k', payload: null });
    await Promise.all([sent, client.close()]);

    expect(heard).toEqual(['recorded', 'flushed']);
  });

  it('happens by itself at the end of an `await using` block', async () => {
    let client;
    {
      await using scoped = makeClient().client;
      client = scoped;
    }

    await expect(client.send({ key: 'k', payload: null })).rejects.toThrow(ClientClosedError);
  });
});

describe('the SQS client', () => {
  it('is created for the region of the queue, without retries of its own', async () => {
    const created: unknown[] = [];
    sqs.on(SendMessageBatchCommand).callsFake(async (input, getClient) => {
      const { maxAttempts, region } = getClient().config;
      created.push(await maxAttempts(), await region());
      return accept(input);
    });

    await makeClient().client.send({ key: 'k', payload: null });

    expect(created).toEqual([1, 'eu-west-1']);
  });

  it('may be any object that sends', async () => {
    const send = vi.fn(async () => ({ Successful: [{ Id: '0' }] }));
    const { client } = makeClient({ sqs: { send } });

    expect(await client.send({ key: 'k', payload: null })).toMatchObject({ outcome: 'queued' });
    expect(send).toHaveBeenCalledTimes(1);
  });
});
