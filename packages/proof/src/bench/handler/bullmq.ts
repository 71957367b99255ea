import { Queue, Worker } from 'bullmq';
import { DELIVERIES_AT_ONCE, keyOf, LIMIT, payload, WINDOW_MS, type Contender } from './contender.ts';

/** BullMQ's worker with its limiter, which is one per queue: as many queues and workers as there are keys. */
export const bullmq: Contender = {
  name: 'BullMQ',
  async prepare(redis, prefix, load) {
    const { host, port } = redis.options;
    const connection = { host: host ?? '127.0.0.1', port: port ?? 6_379, maxRetriesPerRequest: null };
    let processed = 0;
    const finished = Promise.withResolvers<void>();
    const keys = Array.from({ length: load.keys }, (_, index) => keyOf(index, load));
    const queues = await Promise.all(
      keys.map(async (key, place) => {
        const queue = new Queue(key, { connection, prefix });
        const own = Math.ceil((load.messages - place) / load.keys);
        await queue.addBulk(Array.from({ length: own }, () => ({ name: 'message', data: payload })));
        return queue;
      }),
    );
    const workers = keys.map(
      (key) =>
        new Worker(key, async () => {}, {
          connection,
          prefix,
          autorun: false,
          concurrency: DELIVERIES_AT_ONCE / load.keys,
          limiter: { max: LIMIT, duration: WINDOW_MS },
        }),
    );
    for (const worker of workers) {
      worker.on('completed', () => {
        processed++;
        if (processed === load.messages) finished.resolve();
      });
      await worker.waitUntilReady();
    }
    return {
      async run() {
        for (const worker of workers) void worker.run();
        await finished.promise;
      },
      async close() {
        await Promise.all(workers.map((worker) => worker.close()));
        await Promise.all(queues.map((queue) => queue.close()));
      },
    };
  },
};
