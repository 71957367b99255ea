import { requestService } from './on-demand.ts';

/** The services that the files of the integration project share. */
export type SharedService = 'redis' | 'postgres' | 'dynamo';

/**
 * The address of a service of this run, which starts at the first request for it.
 * @throws {Error} with the reason when it does not start.
 */
export async function sharedService(name: SharedService): Promise<string> {
  // Loaded here alone: programs that are no tests use this package too.
  const { inject } = await import('vitest');
  return requestService(inject('servicesUrl'), name);
}
