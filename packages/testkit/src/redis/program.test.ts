import { describe, expect, it } from 'vitest';
import { redisProgram, redisServer } from './program.ts';

describe('redisProgram', () => {
  it('is the one that REDIS_PROGRAM names', async () => {
    expect(await redisProgram({ REDIS_PROGRAM: '/opt/valkey/bin/valkey-server' })).toBe(
      '/opt/valkey/bin/valkey-server',
    );
  });

  it.each([{}, { REDIS_PROGRAM: '' }])(
    'is one that is found with the environment %j',
    async (environment) => {
      expect(redisServer.programs).toContain(await redisProgram(environment));
    },
  );
});
