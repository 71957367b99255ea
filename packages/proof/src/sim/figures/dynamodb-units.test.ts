import { dynamoDbLimiter } from '@huntaze/rate-limiter-adapters/dynamodb-limiter';
import { expect, it } from 'vitest';
import { fakeTable } from '../../../../adapters/src/dynamodb/limiter/fake-table.fixture.ts';
import { tenPerMinute } from './pacing-table.ts';
import { simulatePacing } from './pacing.ts';

/**
 * In virtual time nothing waits for a server, so the units are counted by DynamoDB's rules; that a server counts alike is
 * shown in real-table.integration.test.ts of the adapters.
 */
it.each([10, 1_000])(
  'a message of a backlog of %i takes at most 6 write units of DynamoDB, and 2 read units per question',
  { timeout: 600_000 },
  async (messages) => {
    const table = fakeTable();
    const report = await simulatePacing({
      seed: 1,
      messages,
      ...tenPerMinute,
      home: {
        order: 'about',
        open: (options) =>
          dynamoDbLimiter({ client: table, tableName: 'limiter', clockSkewMs: 0, ...options }),
      },
    });

    expect(report).toMatchObject({ delivered: messages, deadLetters: 0, mostInWindow: 10 });
    const { read, written } = table.units;
    expect(written / messages).toBeLessThanOrEqual(6);
    // Two questions of who waits and one of who was delivered, each about a record and a state; a few are asked again.
    expect(read / messages).toBeLessThanOrEqual(6.1);
  },
);
