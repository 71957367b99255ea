import { describe, expect, it } from 'vitest';
import { attributeNumber, isFifo, regionOf } from './sqs.ts';

describe('the region in the URL of a queue', () => {
  it.each([
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/messages', 'eu-west-1'],
    ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/messages', 'cn-north-1'],
    ['https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/messages', 'us-gov-west-1'],
    ['https://sqs.us-east-2.api.aws/123456789012/messages', 'us-east-2'],
    ['https://sqs.eu-west-1.amazonaws.com:443/123456789012/messages', 'eu-west-1'],
    ['http://127.0.0.1:4566/000000000000/messages', undefined],
    ['https://sqs.eu-west-1.example.com/123456789012/messages', 'eu-west-1'],
    ['https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/123456789012/messages', 'eu-west-1'],
    ['https://queue.amazonaws.com/123456789012/messages', 'us-east-1'],
    ['https://cn-north-1.queue.amazonaws.com.cn/123456789012/messages', 'cn-north-1'],
    ['http://sqs.eu-west-1.localhost.localstack.cloud:4566/000000000000/messages', 'eu-west-1'],
    ['http://localhost:4566/queue/eu-west-1/000000000000/messages', 'eu-west-1'],
    ['https://sqs.messages.example.com/123456789012/messages', undefined],
    ['arn:aws:sqs:eu-west-1:123456789012:messages', undefined],
    ['messages', undefined],
  ])('%s: %s', (queueUrl, region) => {
    expect(regionOf(queueUrl)).toBe(region);
  });
});

describe('a FIFO queue', () => {
  it('is known by its name', () => {
    expect(isFifo('https://sqs.eu-west-1.amazonaws.com/123456789012/messages.fifo')).toBe(true);
    expect(isFifo('https://sqs.eu-west-1.amazonaws.com/123456789012/messages')).toBe(false);
  });
});

describe('the number in an attribute', () => {
  it.each([
    ['0', 0],
    ['120000', 120_000],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['many', undefined],
    [undefined, undefined],
  ])('of %j is %j', (attribute, number) => {
    expect(attributeNumber(attribute)).toBe(number);
  });
});
