import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import { tableTime } from './table-time.ts';

/** A client of the real SDK whose network answers at once, with the `Date` that it is given. */
function makeTime() {
  const clock = fakeClock();
  const time = tableTime(clock);
  let headers: Record<string, string> = {};
  let statusCode = 200;
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: {
        handle: async () => ({
          response: { statusCode, headers, body: new TextEncoder().encode('{"Items":[]}') },
        }),
      },
    }),
  );
  const ask = async (date?: string) => {
    headers = date === undefined ? {} : { date };
    const command = new QueryCommand({ TableName: 't' });
    time.learnFrom(command);
    await client.send(command);
    time.answered();
  };
  const askInVain = async (date: string) => {
    statusCode = 400;
    await expect(ask(date)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    statusCode = 200;
  };
  return { time, clock, ask, askInVain };
}

const at = (second: number) => new Date(Date.UTC(2026, 6, 1, 12, 0, second)).toUTCString();
const ms = (second: number) => Date.UTC(2026, 6, 1, 12, 0, second);

it('is unknown until an answer has come, and then that of the answer, whatever the host’s clock says', async () => {
  const { time, clock, ask } = makeTime();
  expect(time.nowMs()).toBeUndefined();

  await ask(at(0));
  expect(time.nowMs()).toBe(ms(0));
  clock.step(3_600_000);
  await clock.advance(1_500);

  expect(time.nowMs()).toBe(ms(0) + 1_500);
});

it('is told by a refusal too', async () => {
  const { time, askInVain } = makeTime();
  await askInVain(at(0));
  expect(time.nowMs()).toBe(ms(0));
});

it('does not go back when an answer took its time', async () => {
  const { time, clock, ask } = makeTime();
  await ask(at(0));
  await clock.advance(2_000);

  await ask(at(1));

  expect(time.nowMs()).toBe(ms(2));
});

it('goes by newer answers after a minute, so that a fast host does not run away', async () => {
  const { time, clock, ask } = makeTime();
  await ask(at(0));
  await clock.advance(60_001);

  await ask(at(58));

  expect(time.nowMs()).toBe(ms(58));
});

it('is the host’s clock where answers do not tell it', async () => {
  const { time, clock, ask } = makeTime();
  await ask();
  expect(time.nowMs()).toBe(clock.nowMs());
});
