import type { TestProject } from 'vitest/node';
import { dynamoService } from './dynamo/service.ts';
import { postgresService } from './postgres/service.ts';
import { redisService } from './redis/service.ts';
import { serveOnDemand, type Running, type ServicesOnDemand } from './services/on-demand.ts';
import type { SharedService } from './services/shared-service.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the services of this run are requested: with `sharedService`, `redisForTests` or `postgresForTests`. */
    servicesUrl: string;
  }
}

const starters: Readonly<Record<SharedService, () => Promise<Running>>> = {
  redis: () => redisService(),
  postgres: () => postgresService(),
  dynamo: async () => {
    const { endpoint, stop } = await dynamoService();
    return { url: endpoint, stop };
  },
};

let services: ServicesOnDemand | undefined;

/** Makes the services available that the integration project's files share; vitest calls it once per run. */
export async function setup(project: TestProject): Promise<void> {
  services = await serveOnDemand(starters);
  project.provide('servicesUrl', services.url);
}

/** Stops the services that tests have requested. */
export async function teardown(): Promise<void> {
  await services?.stop();
}
