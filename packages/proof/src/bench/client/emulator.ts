import { fork } from 'node:child_process';
import { once } from 'node:events';
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';

/** An SQS emulator in a process of its own. */
export interface Emulator {
  /** A client as a host would make it, without retries. */
  readonly sqs: SQSClient;
  /** Runs work on a queue that is empty at first and gone afterwards. */
  withQueue<Result>(work: (queueUrl: string) => Promise<Result>): Promise<Result>;
}

/** Starts the emulator; the stack stops it. */
export async function startEmulator(stack: AsyncDisposableStack): Promise<Emulator> {
  const child = fork(new URL('emulator-process.ts', import.meta.url));
  stack.defer(async () => {
    const gone = once(child, 'exit');
    child.disconnect();
    await gone;
  });
  const [{ endpoint, region }] = (await once(child, 'message')) as [{ endpoint: string; region: string }];
  const sqs = new SQSClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  stack.defer(() => sqs.destroy());
  let queues = 0;
  return {
    sqs,
    async withQueue(work) {
      const name = `bench-${queues++}`;
      await sqs.send(new CreateQueueCommand({ QueueName: name }));
      const queueUrl = `${endpoint}/000000000000/${name}`;
      try {
        return await work(queueUrl);
      } finally {
        await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
      }
    },
  };
}
