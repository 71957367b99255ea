import { expect, it } from 'vitest';
import { readCommittedAfterConflict } from './read-committed.ts';

class LazyStatement implements PromiseLike<number> {
  private readonly ran: string[];
  constructor(ran: string[]) {
    this.ran = ran;
  }
  // oxlint-disable-next-line unicorn/no-thenable -- as Prisma's statements are
  then: PromiseLike<number>['then'] = (resolve) => {
    this.ran.push('plainly');
    return Promise.resolve(1).then(resolve);
  };
}

/** A client whose statement is lazy, as Prisma's are: it runs when it is awaited, or with others in a transaction. */
function makeClient() {
  const ran: string[] = [];
  const lazily = () => new LazyStatement(ran);
  const client = {
    $queryRawUnsafe: lazily,
    $executeRawUnsafe: lazily,
    async $transaction(statements: readonly PromiseLike<unknown>[], options: object) {
      expect(this).toBe(client);
      ran.push(`together: ${statements.length}, ${JSON.stringify(options)}`);
      return [2];
    },
  };
  return { client, ran };
}

it('runs a statement as the sessions are set, and after a conflict at read committed', async () => {
  const { client, ran } = makeClient();
  const ask = readCommittedAfterConflict(client, () => client.$executeRawUnsafe());

  expect([await ask(), await ask(), await ask()]).toEqual([1, 2, 2]);
  expect(ran).toEqual([
    'plainly',
    'together: 1, {"isolationLevel":"ReadCommitted"}',
    'together: 1, {"isolationLevel":"ReadCommitted"}',
  ]);
});

it('runs a statement plainly where there are no transactions', async () => {
  const { $transaction: _, ...client } = makeClient().client;
  const ask = readCommittedAfterConflict(client, () => client.$executeRawUnsafe());

  expect([await ask(), await ask()]).toEqual([1, 1]);
});
