import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';

/** Something that speaks DynamoDB's protocol, to use until `stop`. */
export interface DynamoService {
  /** For `new DynamoDBClient({ endpoint, region, credentials })`. */
  readonly endpoint: string;
  /** Ends the server when we started it; leaves a given one running. */
  stop(): Promise<void>;
}

/** What a client needs beside the endpoint. Any credentials will do. */
export const dynamoDefaults = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
} as const;

/**
 * The server that `AWS_ENDPOINT_URL_DYNAMODB` names, otherwise dynalite inside this process, which keeps its tables
 * in memory. It knows no transactions, never removes items by their time to live, and takes a whole table's load.
 * @throws {Error} when the named server does not answer.
 */
export async function dynamoService(environment = process.env): Promise<DynamoService> {
  const given = environment['AWS_ENDPOINT_URL_DYNAMODB'];
  if (given === undefined || given === '') return startDynalite();
  await assertAnswers(given);
  return { endpoint: given, stop: async () => {} };
}

async function startDynalite(): Promise<DynamoService> {
  // Loaded here alone: most of who use this package need no such server, and many are processes of a moment.
  const { default: dynalite } = await import('dynalite');
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function assertAnswers(endpoint: string): Promise<void> {
  const client = new DynamoDBClient({ endpoint, ...dynamoDefaults, maxAttempts: 1 });
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }), { abortSignal: AbortSignal.timeout(5_000) });
  } catch (cause) {
    throw new Error(
      'expected DynamoDB at AWS_ENDPOINT_URL_DYNAMODB, found none that answers: start it, or unset AWS_ENDPOINT_URL_DYNAMODB to use one of our own',
      { cause },
    );
  } finally {
    client.destroy();
  }
}
