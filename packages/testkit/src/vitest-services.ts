import type { TestProject } from 'vitest/node';
import { dynamoService } from './dynamo/service.ts';
import { postgresService } from './postgres/service.ts';
import { redisService } from './redis/service.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The Redis server of this run. Read with `inject('redisUrl')`, or use `redisForTests`. */
    redisUrl: string;
    /** The PostgreSQL server of this run. Read with `inject('postgresUrl')`, or use `postgresForTests`. */
    postgresUrl: string;
    /** Where DynamoDB is spoken in this run. */
    dynamoEndpoint: string;
  }
}

const started: { stop(): Promise<void> }[] = [];

/** Starts what the integration project's files share; vitest calls it once per run. */
export async function setup(project: TestProject): Promise<void> {
  const starting = [
    remember(redisService()),
    remember(postgresService()),
    remember(dynamoService()),
  ] as const;
  // When one does not start, the others have to be known before they can be stopped.
  await Promise.allSettled(starting);
  const [redis, postgres, dynamo] = await Promise.all(starting);
  project.provide('redisUrl', redis.url);
  project.provide('postgresUrl', postgres.url);
  project.provide('dynamoEndpoint', dynamo.endpoint);
}

async function remember<Service extends { stop(): Promise<void> }>(
  starting: Promise<Service>,
): Promise<Service> {
  const service = await starting;
  started.push(service);
  return service;
}

/** Ends what {@link setup} started. */
export async function teardown(): Promise<void> {
  await Promise.all(started.splice(0).map(({ stop }) => stop()));
}
