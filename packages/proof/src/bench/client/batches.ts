import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { Producer } from 'sqs-producer';
import { median } from '../report/median.ts';
import { table, times, whole } from '../report/table.ts';
import type { Emulator } from './emulator.ts';
import { bodyOf, messagesOf } from './payload.ts';

const MESSAGES = 10_000;
const ROUNDS = 31;
const CONCURRENCY = 4;

type Contender = (sqs: SQSClient, queueUrl: string) => Promise<void>;

const contenders = {
  ours: async (sqs, queueUrl) => {
    const client = createRateLimiterClient({ queueUrl, sqs, batchConcurrency: CONCURRENCY });
    const results = await client.batch(messagesOf(MESSAGES));
    if (results.some(({ outcome }) => outcome !== 'queued')) throw new Error('expected all messages queued');
    await client.close();
  },
  'a loop': async (sqs, queueUrl) => {
    const messages = messagesOf(MESSAGES);
    let next = 0;
    const lane = async () => {
      while (next < messages.length) {
        const pack = messages.slice(next, (next += 10));
        const answer = await sqs.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: pack.map((message, index) => ({
              Id: String(index),
              MessageBody: bodyOf(message),
              MessageGroupId: message.key,
            })),
          }),
        );
        if (answer.Failed?.length) throw new Error('expected all messages queued');
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  },
  'sqs-producer': async (sqs, queueUrl) => {
    const messages = messagesOf(MESSAGES);
    await Producer.create({ queueUrl, sqs }).send(
      messages.map((message) => ({ id: message.id, body: bodyOf(message), groupId: message.key })),
    );
  },
} satisfies Record<string, Contender>;

type Name = keyof typeof contenders;

/** Throughput of 10,000 messages, beside what a host would write itself and a library. */
export async function compareBatches({ sqs, withQueue }: Emulator): Promise<string> {
  const names = Object.keys(contenders) as Name[];
  const perSecond = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -1; round < ROUNDS; round++) {
    // Each one goes first in turn; the first round only warms up.
    for (const name of names.map((_, place) => names[(round + 1 + place) % names.length] as Name)) {
      const tookMs = await withQueue(async (queueUrl) => {
        const startedMs = performance.now();
        await contenders[name](sqs, queueUrl);
        return performance.now() - startedMs;
      });
      if (round >= 0) perSecond[name].push((MESSAGES / tookMs) * 1_000);
    }
  }
  const ratio = (other: Name) =>
    times(median(perSecond.ours.map((ours, round) => ours / (perSecond[other][round] ?? Number.NaN))));
  return [
    `Messages per second, ${whole(MESSAGES)} in one call, ours and the loop with ${CONCURRENCY} requests under way,`,
    `sqs-producer with one, as it is made. Medians of ${ROUNDS} rounds; ratios are medians of the ratios within a round.`,
    '',
    table(
      [...names, 'ours / a loop', 'ours / sqs-producer'],
      [[...names.map((name) => whole(median(perSecond[name]))), ratio('a loop'), ratio('sqs-producer')]],
    ),
  ].join('\n');
}
