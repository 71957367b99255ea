import type { TestProject } from 'vitest/node';
import { redisService } from './redis/service.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The Redis server of this run. Read with `inject('redisUrl')`, or use `redisForTests`. */
    redisUrl: string;
  }
}

let stopServices = async () => {};

/** Starts what the integration project's files share; vitest calls it once per run. */
export async function setup(project: TestProject): Promise<void> {
  const redis = await redisService();
  stopServices = redis.stop;
  project.provide('redisUrl', redis.url);
}

/** Ends what {@link setup} started. */
export async function teardown(): Promise<void> {
  await stopServices();
}
