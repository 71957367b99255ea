import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricUnits, type MetricName } from '../../contract/index.ts';
import { cloudWatchMetrics } from './index.ts';

let server: Server;
let endpoint: string;
let bodies: Buffer[];

beforeEach(async () => {
  bodies = [];
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      bodies.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
      response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

describe('requests of the real client', () => {
  it('stay below 1 MB as they are sent, however long the name of the queue', async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const cloudWatch = new CloudWatchClient({ endpoint, region: 'eu-west-1', credentials });
    const metrics = cloudWatchMetrics({ queue: 'q'.repeat(80), cloudWatch });
    // As many points as possible: one number each, which is what takes most room.
    const names = Object.keys(metricUnits) as MetricName[];
    for (let turn = 0; turn < 120; turn++) {
      for (const name of names) metrics.record(name, Math.PI * 10 ** (turn % 7));
      void metrics.flush();
    }
    await metrics.close();
    cloudWatch.destroy();

    const numbers = bodies.map((body) => {
      const { MetricData } = JSON.parse(body.toString()) as { MetricData: readonly object[] };
      return MetricData.length;
    });
    expect(Math.max(...numbers)).toBeLessThanOrEqual(1_000);
    expect(Math.max(...bodies.map(({ length }) => length))).toBeLessThan(1_048_576);
  });

  it('come before the process ends, and their timer does not keep it alive', async () => {
    const source = `
      import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
      import { cloudWatchMetrics } from '${join(import.meta.dirname, 'index.ts')}';
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const cloudWatch = new CloudWatchClient({ endpoint: '${endpoint}', region: 'eu-west-1', credentials });
      const metrics = cloudWatchMetrics({ queue: 'messages', cloudWatch, flushIntervalMs: 900_000 });
      metrics.record('MessagesSent', 1);
      await metrics.flush();
      metrics.record('MessagesSent', 1);
    `;
    // Ended by the limit it would be an error.
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], {
      cwd: import.meta.dirname,
      timeout: 60_000,
    });

    expect(bodies).toHaveLength(1);
  });
});
