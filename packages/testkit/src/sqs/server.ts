import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { countByState, parseContents, type QueueCounts, type QueuedMessage } from './contents.ts';

const REGION = 'us-east-1';

/** The emulator's only account. */
const ACCOUNT = '000000000000';

/** A queue to create. */
export interface TestQueueOptions {
  /** Without the `.fifo` suffix, which is added. */
  readonly name: string;
  readonly visibilitySeconds: number;
  /** After so many receives SQS itself moves a message to the dead-letter queue. Default: never. */
  readonly maxReceiveCount?: number;
  /** Default false. */
  readonly fifo?: boolean;
}

/** A queue and, always, a dead-letter queue of the same kind beside it. */
export interface TestQueue {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly arn: string;
}

/** SQS inside this process, spoken to over HTTP by the real SDK. */
export interface SqsServer {
  /** For further clients: `new SQSClient({ endpoint, region, credentials })`, with any credentials. */
  readonly endpoint: string;
  readonly region: string;
  /** One attempt per call: what a test sees is what the server said. */
  readonly client: SQSClient;
  createQueue(options: TestQueueOptions): Promise<TestQueue>;
  /** Every message in a queue, whatever its state, without receiving it: no receive is counted, nothing is hidden. */
  readAll(queueUrl: string): Promise<readonly QueuedMessage[]>;
  counts(queueUrl: string): Promise<QueueCounts>;
  /** Closes the server, the client and every connection; waiting polls end. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts an SQS emulator on 127.0.0.1. Laxer than AWS: it drops `MessageGroupId` on standard queues, gives
 * one message of a FIFO group per receive, has no in-flight limit, and knows neither the 12 hours of total
 * visibility nor retention while hidden.
 */
export async function startSqs(): Promise<SqsServer> {
  // Loaded here alone, as in dynamo/service.ts.
  const { buildApp } = await import('fauxqs');
  const app = buildApp({ logger: false, defaultRegion: REGION });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new SQSClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const readAll = async (queueUrl: string) => {
    const reply = await app.inject(`/_fauxqs/queues/${queueName(queueUrl)}`);
    if (reply.statusCode !== 200)
      throw new Error(`expected a queue at ${queueUrl}, found none: create it first`);
    return parseContents(reply.body, Date.now());
  };
  return {
    endpoint,
    region: REGION,
    client,
    createQueue: (options) => createQueue(client, endpoint, options),
    readAll,
    counts: async (queueUrl) => countByState(await readAll(queueUrl)),
    stop: async () => {
      client.destroy();
      await app.close();
    },
  };
}

async function createQueue(
  client: SQSClient,
  endpoint: string,
  options: TestQueueOptions,
): Promise<TestQueue> {
  const suffix = options.fifo === true ? '.fifo' : '';
  const kind = options.fifo === true ? { FifoQueue: 'true' } : {};
  const deadLetters = await create(client, endpoint, `${options.name}-dead-letters${suffix}`, kind);
  const queue = await create(client, endpoint, `${options.name}${suffix}`, {
    ...kind,
    VisibilityTimeout: String(options.visibilitySeconds),
    ...(options.maxReceiveCount !== undefined && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: deadLetters.arn,
        maxReceiveCount: options.maxReceiveCount,
      }),
    }),
  });
  return { queueUrl: queue.url, deadLetterQueueUrl: deadLetters.url, arn: queue.arn };
}

async function create(client: SQSClient, endpoint: string, name: string, attributes: Record<string, string>) {
  await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  // The emulator answers with a name under .localhost, which not every resolver knows.
  const url = `${endpoint}/${ACCOUNT}/${name}`;
  const reply = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return { url, arn: reply.Attributes?.QueueArn ?? '' };
}

function queueName(queueUrl: string): string {
  return new URL(queueUrl).pathname.split('/').at(-1) ?? '';
}
