import { describe, expectTypeOf, it } from 'vitest';
import { createRateLimiterClient } from '../index.ts';
import { onlyFansMessage } from '../presets/index.ts';
import { deny, sendRoute, statusRoute, type Route } from './index.ts';

const client = createRateLimiterClient({ queueUrl: 'https://…', payload: onlyFansMessage });
interface User {
  readonly account: string;
}
declare function session(request: Request): Promise<User | undefined>;

describe('the type of the caller', () => {
  it('follows from authenticate, refusals left out', () => {
    const route = sendRoute({
      client,
      authenticate: async (request) => {
        const user = await session(request);
        if (user?.account === 'blocked') return deny(403);
        return user ?? null;
      },
      keyOf: (user) => {
        expectTypeOf(user).toEqualTypeOf<User>();
        return user.account;
      },
    });
    expectTypeOf(route).toEqualTypeOf<Route>();
  });

  it('leaves out what an && gives for nothing', () => {
    sendRoute({
      client,
      authenticate: ({ headers }) => headers.get('authorization') && { account: 'account-1' },
      keyOf: (user) => user.account,
    });
  });

  it('follows in a status route too', () => {
    statusRoute({
      client,
      authenticate: session,
      find: async (user) => {
        expectTypeOf(user).toEqualTypeOf<User>();
        return undefined;
      },
    });
  });
});

describe('what a route must be told', () => {
  it('is who calls and whose messages they are', () => {
    // @ts-expect-error without authenticate
    sendRoute({ client, keyOf: () => 'k' });
    // @ts-expect-error without keyOf
    sendRoute({ client, authenticate: session });
    // @ts-expect-error without authenticate
    statusRoute({ client });
  });
});
