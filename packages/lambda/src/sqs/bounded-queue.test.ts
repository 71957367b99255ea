import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import { listen } from '../testing/make-handler.ts';
import { boundedQueue } from './bounded-queue.ts';

const receive = () => new ReceiveMessageCommand({ QueueUrl: 'q' });

function make(send: () => Promise<object>, jitter = 0) {
  const clock = fakeClock();
  const stopping = new AbortController();
  const { logs, ports } = listen();
  const sqs = boundedQueue({
    sqs: { send: send as never },
    clock,
    random: { next: () => jitter },
    logger: ports.logger,
    pollWaitMs: 5_000,
    timeoutMs: 1_000,
    stopping: stopping.signal,
  });
  return { sqs, clock, stopping, logs };
}

it.each([
  [0, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]],
  [0.5, [750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000]],
])(
  'a receive that fails is repeated later and later: with chance at %d after %j ms',
  async (jitter, delaysMs) => {
    let calls = 0;
    const { sqs, clock } = make(() => {
      calls++;
      return Promise.reject(new Error('no'));
    }, jitter);
    await sqs.send(receive());

    for (const [index, delayMs] of delaysMs.entries()) {
      const reply = sqs.send(receive());
      await clock.advance(delayMs - 1);
      expect(calls).toBe(index + 1);
      await clock.advance(1);
      expect(calls).toBe(index + 2);
      expect(await reply).toEqual({});
    }
  },
);

it('an answer ends the delays', async () => {
  const replies = [Promise.reject(new Error('no')), Promise.resolve({}), Promise.resolve({ Messages: [] })];
  const { sqs, clock } = make(() => replies.shift()!);
  await sqs.send(receive());
  const second = sqs.send(receive());
  await clock.advance(1_000);
  await second;

  expect(await sqs.send(receive())).toEqual({ Messages: [] });
});

it('a delay ends with the worker, and nothing is received after it', async () => {
  let calls = 0;
  const { sqs, stopping } = make(() => {
    calls++;
    return Promise.reject(new Error('no'));
  });
  await sqs.send(receive());

  const second = sqs.send(receive());
  stopping.abort();

  expect(await second).toEqual({});
  expect(calls).toBe(1);
});

it('a receive may take its wait and a call more, a deletion one call', async () => {
  const { sqs, clock, logs } = make(() => new Promise(() => {}));
  const reply = sqs.send(receive());
  const deletion = expect(sqs.send(new DeleteMessageBatchCommand({ QueueUrl: 'q', Entries: [] }))).rejects;
  const refused = deletion.toMatchObject({ name: 'TimeoutError' });

  await clock.advance(1_000);
  await refused;
  expect(logs).toEqual([]);
  await clock.advance(5_000);

  expect(await reply).toEqual({});
  expect(logs).toHaveLength(1);
});

it('names what was deleted, and what was not, by the ids that it was given', async () => {
  const sent: unknown[] = [];
  const { sqs } = make((async ({ input }: DeleteMessageBatchCommand) => {
    sent.push(input.Entries);
    return { Successful: [{ Id: '0' }], Failed: [{ Id: '1', Code: 'Internal', SenderFault: false }] };
  }) as never);
  const Entries = [
    { Id: 'm', ReceiptHandle: 'first' },
    { Id: 'm', ReceiptHandle: 'second' },
  ];

  const reply = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: 'q', Entries }));

  expect(sent).toEqual([
    [
      { Id: '0', ReceiptHandle: 'first' },
      { Id: '1', ReceiptHandle: 'second' },
    ],
  ]);
  expect(reply).toEqual({
    Successful: [{ Id: 'm' }],
    Failed: [{ Id: 'm', Code: 'Internal', SenderFault: false }],
  });
});
