import { describe, expect, it } from 'vitest';
import { isFifo, regionOf } from './queue-url.ts';

describe('the URL of a queue', () => {
  it.each([
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/messages', 'eu-west-1'],
    ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/messages', 'cn-north-1'],
    ['https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/messages', 'us-gov-west-1'],
    ['https://sqs.us-east-2.api.aws/123456789012/messages', 'us-east-2'],
    ['https://sqs.eu-west-1.amazonaws.com:443/123456789012/messages', 'eu-west-1'],
    ['http://127.0.0.1:4566/000000000000/messages', undefined],
    ['https://sqs.eu-west-1.amazonaws.community/123456789012/messages', undefined],
    ['https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/123456789012/messages', undefined],
  ])('%s names the region %s', (queueUrl, region) => {
    expect(regionOf(queueUrl)).toBe(region);
  });

  it('tells a FIFO queue by its name', () => {
    expect(isFifo('https://sqs.eu-west-1.amazonaws.com/123456789012/messages.fifo')).toBe(true);
    expect(isFifo('https://sqs.eu-west-1.amazonaws.com/123456789012/messages')).toBe(false);
  });
});
