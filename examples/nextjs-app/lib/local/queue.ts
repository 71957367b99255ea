import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';

/** Where the queue of local mode is. */
export interface LocalQueue {
  readonly endpoint: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** Starts an SQS emulator on a free port of 127.0.0.1, with a queue and its dead-letter queue. */
export async function startQueue(): Promise<LocalQueue> {
  const app = buildApp({ logger: false, defaultRegion: 'us-east-1' });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const sqs = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const create = async (name: string) => {
    await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: '30' } }));
    return `${endpoint}/000000000000/${name}`;
  };
  return {
    endpoint,
    queueUrl: await create('messages'),
    deadLetterQueueUrl: await create('messages-dead-letters'),
  };
}
