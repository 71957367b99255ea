import { redisService } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { compareBundles } from './bundle/compare.ts';
import { compareCosts } from './cost/compare.ts';
import { compareThroughput } from './throughput/compare.ts';
import { compareWindows } from './windows/compare.ts';

type Part = (redis: Redis, prefix: string) => Promise<string>;

/** What can be measured, by the name given on the command line. */
const benchmarks: Readonly<Record<string, Readonly<Record<string, Part>>>> = {
  limiter: {
    Throughput: compareThroughput,
    'Exactness of windows': compareWindows,
    Bundle: compareBundles,
    'What AWS counts': compareCosts,
  },
};

const [wanted = ''] = process.argv.slice(2);
const parts = benchmarks[wanted];
if (!parts) {
  const known = Object.keys(benchmarks).join(', ');
  throw new Error(`bench: expected the name of a benchmark (${known}), found "${wanted}"`);
}
console.log(`Node ${process.version}; machines differ: compare columns, not runs. About five minutes.\n`);
await using stack = new AsyncDisposableStack();
const service = await redisService();
stack.defer(() => service.stop());
const redis = new Redis(service.url);
stack.defer(async () => void (await redis.quit()));
for (const [title, part] of Object.entries(parts)) {
  console.log(`## ${title}\n\n${await part(redis, `bench-${process.pid}`)}\n`);
}
