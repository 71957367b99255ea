import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { requestService, serveOnDemand, type Running, type ServicesOnDemand } from './on-demand.ts';

const running = (url: string) => ({ url, stop: vi.fn<Running['stop']>(async () => {}) });
const redis = running('redis://127.0.0.1:1');
const starters = {
  redis: vi.fn(async () => redis),
  postgres: vi.fn(async (): Promise<Running> => {
    throw new Error('expected initdb to run', { cause: new Error('permission denied') });
  }),
};

let services: ServicesOnDemand;
beforeEach(async () => {
  vi.clearAllMocks();
  services = await serveOnDemand(starters);
});
afterEach(() => services.stop());

describe('services on demand', () => {
  it('start at the first request, and no other with them', async () => {
    expect(starters.redis).not.toHaveBeenCalled();
    expect(await requestService(services.url, 'redis')).toBe('redis://127.0.0.1:1');
    expect(starters.postgres).not.toHaveBeenCalled();
  });

  it('start once for many requests at the same time', async () => {
    const request = () => requestService(services.url, 'redis');
    expect(await Promise.all([request(), request(), request()])).toEqual(
      Array(3).fill('redis://127.0.0.1:1'),
    );
    expect(starters.redis).toHaveBeenCalledTimes(1);
  });

  it('return the reason when one does not start, and start the others nevertheless', async () => {
    for (const _ of [1, 2]) {
      await expect(requestService(services.url, 'postgres')).rejects.toThrow(
        'expected initdb to run: permission denied',
      );
    }
    expect(starters.postgres).toHaveBeenCalledTimes(1);
    expect(await requestService(services.url, 'redis')).toBe('redis://127.0.0.1:1');
  });

  it('refuse a name that is none of theirs', async () => {
    await expect(requestService(services.url, 'mysql')).rejects.toThrow('expected a service, found mysql');
  });

  it('stop those that were started', async () => {
    await services.stop();
    expect(redis.stop).not.toHaveBeenCalled();

    services = await serveOnDemand(starters);
    await requestService(services.url, 'redis');
    await expect(requestService(services.url, 'postgres')).rejects.toThrow('permission denied');
    await services.stop();
    expect(redis.stop).toHaveBeenCalledTimes(1);
  });
});
