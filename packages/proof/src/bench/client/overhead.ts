import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { createRateLimiterClient, type Sqs } from '@huntaze/rate-limiter-client';
import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import { median } from '../report/median.ts';
import { table, whole } from '../report/table.ts';
import type { Emulator } from './emulator.ts';
import { bodyOf, messagesOf } from './payload.ts';

const CALLS = 1_000;
const ROUNDS = 5;
const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';

/** An SQS that takes no time: what is left is what the client itself costs. */
const instant: Sqs = { send: async () => ({ Successful: [{ Id: '0' }] }) };

/** What `send` costs on top of the SDK's own call, one call after the other. */
export async function measureOverhead({ sqs, withQueue }: Emulator): Promise<string> {
  const [message] = messagesOf(1) as [ReturnType<typeof messagesOf>[number]];
  const own = createRateLimiterClient({ queueUrl: QUEUE_URL, sqs: instant, payload: onlyFansMessage });
  const alone = () => own.send(message);
  const figures = await withQueue(async (queueUrl) => {
    const client = createRateLimiterClient({ queueUrl, sqs, payload: onlyFansMessage });
    const calls = {
      send: () => client.send(message),
      SendMessage: () =>
        sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: bodyOf(message) })),
      'send, without SQS': alone,
    };
    const medians = new Map<string, number[]>();
    for (let round = 0; round <= ROUNDS; round++)
      for (const [name, call] of Object.entries(calls)) {
        const us = await medianUs(call);
        if (round > 0) medians.set(name, [...(medians.get(name) ?? []), us]);
      }
    return [...medians].map(([name, values]) => [name, median(values)] as const);
  });
  return [
    `Microseconds per call, one after the other, payload checked by the preset's schema. Medians of ${ROUNDS} medians of`,
    `${whole(CALLS)} calls. The last row is all that the client itself costs: its SQS answers at once.`,
    '',
    table(
      ['', 'µs'],
      figures.map(([name, us]) => [name, whole(us)]),
    ),
  ].join('\n');
}

async function medianUs(call: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let count = 0; count < CALLS; count++) {
    const startedMs = performance.now();
    await call();
    taken.push((performance.now() - startedMs) * 1_000);
  }
  return median(taken);
}
