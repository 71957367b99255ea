import { redisService } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { compareDynamoDb } from './adapters/dynamodb.ts';
import { comparePostgres } from './adapters/postgres.ts';
import { compareBundles } from './bundle/compare.ts';
import { compareBatches } from './client/batches.ts';
import { startEmulator } from './client/emulator.ts';
import { measureMemory } from './client/memory.ts';
import { measureOutages } from './client/outage.ts';
import { measureOverhead } from './client/overhead.ts';
import { compareSends } from './client/sends.ts';
import { compareCosts } from './cost/compare.ts';
import { compareHandlers } from './handler/compare.ts';
import { measureHeld } from './held/measure.ts';
import { compareThroughput } from './throughput/compare.ts';
import { compareWindows } from './windows/compare.ts';

/** Measures one thing and tells it in Markdown. */
type Part = () => Promise<string>;

/** Opens what parts need, to be closed with the stack. */
type Benchmark = (stack: AsyncDisposableStack) => Promise<Readonly<Record<string, Part>>>;

/** What can be measured, by the name given on the command line. */
const benchmarks: Readonly<Record<string, Benchmark>> = {
  adapters: async () => ({ 'Prisma, PostgreSQL': comparePostgres, DynamoDB: compareDynamoDb }),
  async limiter(stack) {
    const service = await redisService();
    stack.defer(() => service.stop());
    const redis = new Redis(service.url);
    stack.defer(async () => void (await redis.quit()));
    const prefix = `bench-${process.pid}`;
    return {
      Throughput: () => compareThroughput(redis, prefix),
      'Exactness of windows': () => compareWindows(redis, prefix),
      'What Redis holds': () => measureHeld(redis, prefix),
      Bundle: compareBundles,
      'What AWS counts': () => compareCosts(redis, prefix),
    };
  },
  async handler(stack) {
    const service = await redisService();
    stack.defer(() => service.stop());
    const redis = new Redis(service.url);
    stack.defer(async () => void (await redis.quit()));
    return { 'The whole handler': () => compareHandlers(redis, `bench-${process.pid}`) };
  },
  async client(stack) {
    const emulator = await startEmulator(stack);
    return {
      'Many messages': () => compareBatches(emulator),
      'Many callers': () => compareSends(emulator),
      'One call': () => measureOverhead(emulator),
      'A million messages': measureMemory,
      'An outage': measureOutages,
    };
  },
};

const [wanted = ''] = process.argv.slice(2);
const benchmark = benchmarks[wanted];
if (!benchmark) {
  const known = Object.keys(benchmarks).join(', ');
  throw new Error(`bench: expected the name of a benchmark (${known}), found "${wanted}"`);
}
console.log(`Node ${process.version}; machines differ: compare columns, not runs. About five minutes.\n`);
await using stack = new AsyncDisposableStack();
for (const [title, part] of Object.entries(await benchmark(stack))) {
  console.log(`## ${title}\n\n${await part()}\n`);
}
