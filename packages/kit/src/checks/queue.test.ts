import { describe, expect, it } from 'vitest';
import { queueName } from '../sqs.ts';
import { queue, queueUrlProblem } from './queue.ts';

describe('the URL of a queue', () => {
  it.each([
    'https://sqs.eu-west-1.amazonaws.com/123456789012/messages',
    'https://sqs.eu-west-1.amazonaws.com:443/123456789012/messages.fifo',
    'https://queue.amazonaws.com/123456789012/messages',
    'https://vpce-0a1b2c-d3e4.sqs.eu-west-1.vpce.amazonaws.com/123456789012/messages',
    'http://127.0.0.1:1234/000000000000/q',
    'http://[::1]:9324/000000000000/q',
    'http://localhost:4566/queue/eu-west-1/000000000000/q',
    'http://sqs.eu-west-1.localhost.localstack.cloud:4566/000000000000/q',
  ])('may be %s', (url) => {
    expect(queueUrlProblem(url)).toBeUndefined();
  });

  it.each<[unknown, string]>([
    ['foo', 'another string'],
    ['', 'an empty string'],
    [undefined, 'undefined'],
    [7, '7'],
    ['https://sqs.eu-west-1.amazonaws.com', 'another string'],
    ['https://sqs.eu-west-1.amazonaws.com/messages', 'another string'],
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/', 'another string'],
    [
      'https://sqs.eu-west-1.amazonaws.com/123456789012/messages/',
      'one with a slash at its end: leave that out',
    ],
    [
      'https://sqs.eu-west-1.amazonaws.com/123456789012/messages?x=1',
      'one with more after its name, from ? or # on: leave that out',
    ],
    [
      'https://sqs.eu-west-1.amazonaws.com/123456789012/messages#x',
      'one with more after its name, from ? or # on: leave that out',
    ],
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/mess ages', 'another string'],
    [
      ` https://sqs.eu-west-1.amazonaws.com/123456789012/messages`,
      'one with blanks around it: leave that out',
    ],
    [
      `https://sqs.eu-west-1.amazonaws.com/123456789012/messages\n`,
      'one with blanks around it: leave that out',
    ],
    [`https://sqs.eu-west-1.amazonaws.com/123456789012/${'q'.repeat(81)}`, 'another string'],
    ['https:///123456789012/messages', 'another string'],
    ['https://[/123456789012/messages', 'another string'],
    ['ftp://sqs.eu-west-1.amazonaws.com/123456789012/messages', 'another string'],
    [
      'arn:aws:sqs:eu-west-1:123456789012:messages',
      'an ARN: `aws sqs get-queue-url` tells the URL of a queue by its name',
    ],
    [
      'https://key:secret@sqs.eu-west-1.amazonaws.com/123456789012/messages',
      'one with credentials: leave them to the SQS client',
    ],
  ])('is not %j', (found, described) => {
    expect(queueUrlProblem(found)).toBe(
      `expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages, found ${described}`,
    );
  });
});

describe('what names a queue', () => {
  it.each([
    'messages',
    'messages.fifo',
    'arn:aws-cn:sqs:cn-north-1:123456789012:messages',
    'http://127.0.0.1:1234/000000000000/messages',
  ])('may be %s', (found) => {
    expect(queue(found, 'queue', {})).toEqual([]);
    expect(queueName(found)).toMatch(/^messages(?:\.fifo)?$/);
  });

  it.each([
    '',
    'a b',
    'x'.repeat(81),
    'arn:aws:sns:eu-west-1:123456789012:messages',
    'https://example.com/',
    7,
  ])('is not %j', (found) => {
    expect(queue(found, 'queue', {})).toHaveLength(1);
  });
});
