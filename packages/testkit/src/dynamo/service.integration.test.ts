import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { sharedService } from '../services/shared-service.ts';
import { dynamoDefaults, dynamoService } from './service.ts';

describe('the DynamoDB service', () => {
  it('answers the real SDK until it is stopped', async () => {
    const service = await dynamoService({});
    const client = new DynamoDBClient({ endpoint: service.endpoint, ...dynamoDefaults, maxAttempts: 1 });
    expect((await client.send(new ListTablesCommand())).TableNames).toEqual([]);

    await service.stop();
    await service.stop();

    await expect(client.send(new ListTablesCommand())).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket/);
    client.destroy();
  });

  it('is the one that AWS_ENDPOINT_URL_DYNAMODB names, and is left running', async () => {
    const endpoint = await sharedService('dynamo');
    await (await dynamoService({ AWS_ENDPOINT_URL_DYNAMODB: endpoint })).stop();
    expect(await dynamoService({ AWS_ENDPOINT_URL_DYNAMODB: endpoint })).toMatchObject({ endpoint });
  });

  it('says what to do when the named server does not answer', async () => {
    const gone = dynamoService({ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' });
    await expect(gone).rejects.toThrow('unset AWS_ENDPOINT_URL_DYNAMODB to use one of our own');
  });
});
