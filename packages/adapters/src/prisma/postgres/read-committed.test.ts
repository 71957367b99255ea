import { expect, it } from 'vitest';
import { readCommittedAfterConflict } from './read-committed.ts';

/** A client that says where and how a statement runs. */
function makeClient() {
  const transaction = { $queryRawUnsafe: async () => 'in it', $executeRawUnsafe: async () => 1 };
  const options: object[] = [];
  const client = {
    $queryRawUnsafe: async () => 'plainly',
    $executeRawUnsafe: async () => 1,
    async $transaction(work: (on: typeof transaction) => Promise<string>, given: object) {
      expect(this).toBe(client);
      options.push(given);
      return await work(transaction);
    },
  };
  return { client, options };
}

it('runs a statement as the sessions are set, and after a conflict at read committed', async () => {
  const { client, options } = makeClient();
  const ask = readCommittedAfterConflict(client, (on) => on.$queryRawUnsafe(''));

  expect([await ask(), await ask(), await ask()]).toEqual(['plainly', 'in it', 'in it']);
  expect(options).toEqual([{ isolationLevel: 'ReadCommitted' }, { isolationLevel: 'ReadCommitted' }]);
});

it('runs a statement plainly where there are no transactions', async () => {
  const { $transaction: _, ...client } = makeClient().client;
  const ask = readCommittedAfterConflict(client, (on) => on.$queryRawUnsafe(''));

  expect([await ask(), await ask()]).toEqual(['plainly', 'plainly']);
});
