import { describe, expect, it } from 'vitest';
import { queueUrlOf } from './queue.ts';

describe('the URL of a queue', () => {
  it.each([
    [
      'arn:aws:sqs:eu-west-1:123456789012:messages',
      'https://sqs.eu-west-1.amazonaws.com/123456789012/messages',
    ],
    [
      'arn:aws:sqs:us-east-1:123456789012:a-b_c.fifo',
      'https://sqs.us-east-1.amazonaws.com/123456789012/a-b_c.fifo',
    ],
    ['arn:aws-cn:sqs:cn-north-1:123456789012:q', 'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q'],
    [
      'arn:aws-eusc:sqs:eusc-de-east-1:123456789012:q',
      'https://sqs.eusc-de-east-1.amazonaws.eu/123456789012/q',
    ],
    [
      'arn:aws-iso-b:sqs:us-isob-east-1:123456789012:q',
      'https://sqs.us-isob-east-1.sc2s.sgov.gov/123456789012/q',
    ],
    [
      'arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q',
      'https://sqs.us-gov-west-1.amazonaws.com/123456789012/q',
    ],
  ])('of %s is %s', (arn, url) => {
    expect(queueUrlOf(arn)).toBe(url);
  });

  it.each([
    '',
    'messages',
    'arn:aws:sns:eu-west-1:123456789012:topic',
    'arn:aws:sqs:eu-west-1:123456789012:',
    'arn:aws:sqs:::',
  ])('is not derived from "%s"', (arn) => {
    expect(() => queueUrlOf(arn)).toThrow(
      'expected an eventSourceARN such as arn:aws:sqs:REGION:ACCOUNT:QUEUE, found another text',
    );
  });
});
