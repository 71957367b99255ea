import { describe, expect, it } from 'vitest';
import { isFifo } from './queue-url.ts';

describe('the URL of a queue', () => {
  it('tells a FIFO queue by its name', () => {
    expect(isFifo('https://sqs.eu-west-1.amazonaws.com/123456789012/messages.fifo')).toBe(true);
    expect(isFifo('https://sqs.eu-west-1.amazonaws.com/123456789012/messages')).toBe(false);
  });
});
