import { describe, expect, it } from 'vitest';
import { queueIdentity } from './queue-identity.ts';

const ACCOUNT = '123456789012';

describe('a queue has one name', () => {
  it.each([
    [
      'eu-west-1',
      'arn:aws:sqs:eu-west-1',
      'https://sqs.eu-west-1.amazonaws.com',
      'https://sqs.eu-west-1.amazonaws.com:443',
      'https://SQS.eu-west-1.amazonaws.com',
      'https://sqs.eu-west-1.api.aws',
      'https://vpce-0a1b2c3d4e5f6a7b8-c9d0e1f2.sqs.eu-west-1.vpce.amazonaws.com',
      'https://vpce-0a1b2c3d4e5f6a7b8-c9d0e1f2-eu-west-1a.sqs.eu-west-1.vpce.amazonaws.com',
      'https://eu-west-1.queue.amazonaws.com',
      'http://sqs.eu-west-1.localhost.localstack.cloud:4566',
      'http://localhost:4566/queue/eu-west-1',
    ],
    [
      'us-east-1',
      'arn:aws:sqs:us-east-1',
      'https://sqs-fips.us-east-1.amazonaws.com',
      'https://sqs-fips.us-east-1.api.aws',
      'https://queue.amazonaws.com',
    ],
    ['us-gov-east-1', 'arn:aws-us-gov:sqs:us-gov-east-1', 'https://sqs.us-gov-east-1.amazonaws.com'],
    [
      'cn-north-1',
      'arn:aws-cn:sqs:cn-north-1',
      'https://sqs.cn-north-1.amazonaws.com.cn',
      'https://sqs.cn-north-1.api.amazonwebservices.com.cn',
      'https://cn-north-1.queue.amazonaws.com.cn',
    ],
    ['us-iso-east-1', 'arn:aws-iso:sqs:us-iso-east-1', 'https://sqs.us-iso-east-1.c2s.ic.gov'],
    ['us-isob-east-1', 'arn:aws-iso-b:sqs:us-isob-east-1', 'https://sqs.us-isob-east-1.sc2s.sgov.gov'],
    [
      'eusc-de-east-1',
      'arn:aws-eusc:sqs:eusc-de-east-1',
      'https://sqs.eusc-de-east-1.amazonaws.eu',
      'https://sqs.eusc-de-east-1.api.amazonwebservices.eu',
    ],
  ])('in %s, by its ARN and by each of its URLs', (region, arn, ...hosts) => {
    const names = [
      `${arn}:${ACCOUNT}:messages.fifo`,
      ...hosts.map((host) => `${host}/${ACCOUNT}/messages.fifo`),
    ];

    expect(names.map(queueIdentity)).toEqual(names.map(() => `${region}/${ACCOUNT}/messages.fifo`));
  });

  it.each([
    ['http://127.0.0.1:9324/000000000000/messages', '000000000000/messages'],
    ['http://localhost:9324/queue/messages', 'queue/messages'],
    ['eu-west-1/123456789012/messages', 'eu-west-1/123456789012/messages'],
    ['000000000000/messages', '000000000000/messages'],
    ['messages', '/messages'],
    ['/messages', '/messages'],
    ['https://sqs.eu-west-1.amazonaws.com/', '/https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F'],
    ['arn:aws:sns:eu-west-1:123456789012:topic', '/arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Atopic'],
  ])('without a region: %s is %s', (queue, name) => {
    expect(queueIdentity(queue)).toBe(name);
  });
});

it('queues of other regions, accounts and names have other names', () => {
  const queues = [
    'arn:aws:sqs:eu-west-1:123456789012:messages',
    'arn:aws:sqs:eu-west-2:123456789012:messages',
    'arn:aws:sqs:eu-west-1:123456789013:messages',
    'arn:aws:sqs:eu-west-1:123456789012:messages.fifo',
    'http://127.0.0.1:9324/123456789012/messages',
  ];

  expect(new Set(queues.map(queueIdentity)).size).toBe(queues.length);
});
