import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { createRateLimiterClient, type Sqs } from '@huntaze/rate-limiter-client';
import { median } from '../report/median.ts';
import { table, times, whole } from '../report/table.ts';
import type { Emulator } from './emulator.ts';
import { bodyOf, messagesOf } from './payload.ts';

const MESSAGES = 1_000;
const ROUNDS = 9;

/** A thousand calls of `send` at once, beside a thousand SendMessage requests at once. */
export async function compareSends({ sqs, withQueue }: Emulator): Promise<string> {
  const messages = messagesOf(MESSAGES);
  const ours: number[] = [];
  const theirs: number[] = [];
  const requests: number[] = [];

  const shared = async (queueUrl: string) => {
    let count = 0;
    const counting: Sqs = {
      send(command, options) {
        count += 1;
        return (sqs as Sqs).send(command, options);
      },
    };
    const client = createRateLimiterClient({ queueUrl, sqs: counting });
    const startedMs = performance.now();
    await Promise.all(messages.map((message) => client.send(message)));
    ours.push((MESSAGES / (performance.now() - startedMs)) * 1_000);
    requests.push(count);
    await client.close();
  };
  const alone = async (queueUrl: string) => {
    const startedMs = performance.now();
    await Promise.all(
      messages.map((message) =>
        sqs.send(
          new SendMessageCommand({
            QueueUrl: queueUrl,
            MessageBody: bodyOf(message),
            MessageGroupId: message.key,
          }),
        ),
      ),
    );
    theirs.push((MESSAGES / (performance.now() - startedMs)) * 1_000);
  };

  for (let round = 0; round <= ROUNDS; round++) {
    for (const contender of round % 2 === 0 ? [shared, alone] : [alone, shared]) await withQueue(contender);
    // The first round warms up.
    if (round === 0) for (const figures of [ours, theirs, requests]) figures.length = 0;
  }
  const ratio = median(ours.map((figure, round) => figure / (theirs[round] ?? Number.NaN)));
  return [
    `${whole(MESSAGES)} calls at once, messages per second. Medians of ${ROUNDS} rounds.`,
    '',
    table(
      ['', 'requests', 'messages per second'],
      [
        ['ours', `${whole(Math.max(...requests))} at most`, whole(median(ours))],
        ['one SendMessage each', whole(MESSAGES), whole(median(theirs))],
        ['ratio', '', times(ratio)],
      ],
    ),
  ].join('\n');
}
