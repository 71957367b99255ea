import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { openMeasurements, type Measurements, type PutMetricData } from './measurements.ts';

/** CloudWatch as far as metrics go: takes them, and adds them up. */
export interface CloudWatchServer extends Measurements {
  /** For `new CloudWatchClient({ endpoint, region, credentials })`, or as `AWS_ENDPOINT_URL_CLOUDWATCH`. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts a stand-in for CloudWatch on 127.0.0.1. It understands `PutMetricData` as the SDK sends it, JSON that may be
 * compressed, answers 400 to everything else, and reads lines of a log in the embedded metric format.
 */
export async function startCloudWatch(): Promise<CloudWatchServer> {
  const measurements = openMeasurements();
  const server = createServer((request, response) => {
    const answer = (status: number) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
    if (!String(request.headers['x-amz-target']).endsWith('.PutMetricData')) return void answer(400);
    buffer(request)
      .then((body) => {
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        measurements.put(JSON.parse(text.toString()) as PutMetricData);
        answer(200);
      })
      .catch(() => answer(400));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...measurements,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
