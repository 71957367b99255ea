import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service that runs, and where. */
export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** Services that other processes request over HTTP: `GET /name` returns the address, as soon as the service runs. */
export interface ServicesOnDemand {
  readonly url: string;
  /** Stops the services that were started, and the server itself. */
  stop(): Promise<void>;
}

/**
 * Starts each service at the first request for it, once. When a service does not start, its requests return status 500
 * and the reason; other services are not affected.
 * @param starters by the name of the service.
 */
export async function serveOnDemand(
  starters: Readonly<Record<string, () => Promise<Running>>>,
): Promise<ServicesOnDemand> {
  const services = new Map<string, Promise<Running>>();
  const service = (name: string) => {
    const start = starters[name] ?? (() => Promise.reject(new Error(`expected a service, found ${name}`)));
    const starting = services.get(name) ?? start();
    services.set(name, starting);
    return starting;
  };
  const server = createServer(
    (request, response) => void answer(service(request.url?.slice(1) ?? ''), response),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A process that never calls `stop` still ends.
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      const settled = await Promise.allSettled(services.values());
      const started = settled.filter((one) => one.status === 'fulfilled');
      await Promise.all(started.map(({ value }) => value.stop()));
    },
  };
}

async function answer(starting: Promise<Running>, response: ServerResponse): Promise<void> {
  try {
    const { url } = await starting;
    response.end(url);
  } catch (error) {
    response.writeHead(500).end(reasonOf(error));
  }
}

/** An error's message, with those of its causes. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}

/**
 * The address of a service, from {@link serveOnDemand} at `servicesUrl`, as soon as it runs.
 * @throws {Error} with the reason when it does not start.
 */
export async function requestService(servicesUrl: string, name: string): Promise<string> {
  const response = await fetch(new URL(name, servicesUrl));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
