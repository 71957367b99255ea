import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { originOf, ownSqs } from './index.ts';

/** What the SDK would request, through all of its middleware up to the signature. */
const requested: { url: string; region: string }[] = [];

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const unset = [
    'AWS_REGION',
    'AWS_USE_FIPS_ENDPOINT',
    'AWS_USE_DUALSTACK_ENDPOINT',
    'AWS_ENDPOINT_URL',
    'AWS_ENDPOINT_URL_SQS',
  ];
  for (const name of unset) vi.stubEnv(name, undefined);
  const { send } = SQSClient.prototype;
  vi.spyOn(SQSClient.prototype, 'send').mockImplementation(async function intercept(
    this: SQSClient,
    command: never,
  ) {
    const region = await this.config.region();
    this.middlewareStack.add(
      () =>
        async ({ request }) => {
          const { protocol, hostname, port } = request as {
            protocol: string;
            hostname: string;
            port?: number;
          };
          requested.push({ url: `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`, region });
          return { response: {}, output: { $metadata: {} } };
        },
      { step: 'build', name: 'intercept', override: true },
    );
    return await (send as (sent: never) => Promise<unknown>).call(this, command);
  } as never);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  requested.length = 0;
});

async function endpointOf(queueUrl: string, sqs = ownSqs()) {
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl }));
  return requested.at(-1);
}

const partitions = [
  ['aws', 'eu-west-1', 'https://sqs.eu-west-1.amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'https://sqs.cn-north-1.amazonaws.com.cn'],
  ['aws-us-gov', 'us-gov-west-1', 'https://sqs.us-gov-west-1.amazonaws.com'],
  ['aws-iso', 'us-iso-east-1', 'https://sqs.us-iso-east-1.c2s.ic.gov'],
  ['aws-iso-b', 'us-isob-east-1', 'https://sqs.us-isob-east-1.sc2s.sgov.gov'],
  ['aws-iso-e', 'eu-isoe-west-1', 'https://sqs.eu-isoe-west-1.cloud.adc-e.uk'],
  ['aws-iso-f', 'us-isof-south-1', 'https://sqs.us-isof-south-1.csp.hci.ic.gov'],
  ['aws-eusc', 'eusc-de-east-1', 'https://sqs.eusc-de-east-1.amazonaws.eu'],
] as const;

describe('the endpoint of a queue', () => {
  it.each(partitions)('in partition %s, region %s, is %s', async (_, region, origin) => {
    expect(originOf(region)).toBe(origin);
    expect(await endpointOf(`${origin}/123456789012/messages`)).toEqual({ url: origin, region });
  });

  it.each([
    ['AWS_USE_FIPS_ENDPOINT', 'true', 'https://sqs-fips.us-east-2.amazonaws.com'],
    ['AWS_USE_DUALSTACK_ENDPOINT', 'true', 'https://sqs.us-east-2.api.aws'],
    ['AWS_ENDPOINT_URL_SQS', 'http://127.0.0.1:4566', 'http://127.0.0.1:4566'],
    ['AWS_ENDPOINT_URL', 'http://127.0.0.1:4566', 'http://127.0.0.1:4566'],
  ])('heeds %s, with the first request and every other', async (variable, value, url) => {
    vi.stubEnv(variable, value);
    const sqs = ownSqs();
    const queueUrl = `${originOf('us-east-2')}/123456789012/messages`;

    for (const _ of ['first', 'second'])
      expect(await endpointOf(queueUrl, sqs)).toEqual({ url, region: 'us-east-2' });
  });

  it.each([
    ['https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com', 'eu-west-1'],
    ['https://sqs-fips.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['https://sqs.eu-west-1.api.aws', 'eu-west-1'],
    ['http://sqs.eu-west-1.localhost.localstack.cloud:4566', 'eu-west-1'],
    ['http://127.0.0.1:9324', 'elastic'],
  ])('is %s where its URL names that', async (url, region) => {
    const sqs = ownSqs({ region: 'elastic' });

    expect(await endpointOf(`${url}/123456789012/messages`, sqs)).toEqual({ url, region });
  });

  it('is the configured one also for the URL of an emulator, which another host may not resolve', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', 'http://emulator:4566');

    const endpoint = await endpointOf(
      'http://sqs.eu-west-1.localhost.localstack.cloud:4566/000000000000/messages',
    );

    expect(endpoint).toEqual({ url: 'http://emulator:4566', region: 'eu-west-1' });
  });

  it('is that of its region for the hosts of AWS’s first queues', async () => {
    vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true');

    expect(await endpointOf('https://us-west-2.queue.amazonaws.com/123456789012/messages')).toEqual({
      url: 'https://sqs-fips.us-west-2.amazonaws.com',
      region: 'us-west-2',
    });
  });

  it('is another one for a queue of another region', async () => {
    const sqs = ownSqs();

    await endpointOf(`${originOf('eu-west-1')}/123456789012/messages`, sqs);
    await endpointOf(`${originOf('eu-south-2')}/123456789012/dead`, sqs);

    expect(requested.map(({ region }) => region)).toEqual(['eu-west-1', 'eu-south-2']);
  });

  it('needs a region: the environment names it where nothing else does', async () => {
    const queueUrl = 'http://127.0.0.1:9324/000000000000/messages';
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');

    await expect(endpointOf(queueUrl)).rejects.toThrow('Region is missing');
    vi.stubEnv('AWS_REGION', 'eu-north-1');
    expect(await endpointOf(queueUrl)).toEqual({ url: 'http://127.0.0.1:9324', region: 'eu-north-1' });
  });
});
