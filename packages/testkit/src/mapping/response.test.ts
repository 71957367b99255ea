import { describe, expect, it } from 'vitest';
import { judgeResponse } from './response.ts';

const batch = new Set(['m-1', 'm-2', 'm-3']);

describe('judgeResponse', () => {
  it.each([
    ['nothing', 'null'],
    ['an empty object', '{}'],
    ['an object without the list', '{"statusCode":200}'],
    ['a null list', '{"batchItemFailures":null}'],
    ['an empty list', '{"batchItemFailures":[]}'],
  ])('takes %s for success of all', (_name, text) => {
    expect(judgeResponse(text, batch)).toEqual({ kind: 'processed', failed: new Set() });
  });

  it('fails exactly the listed messages', () => {
    const text = '{"batchItemFailures":[{"itemIdentifier":"m-3"},{"itemIdentifier":"m-1"}]}';
    expect(judgeResponse(text, batch)).toEqual({ kind: 'processed', failed: new Set(['m-1', 'm-3']) });
  });

  it('takes a message listed twice as listed', () => {
    const text = '{"batchItemFailures":[{"itemIdentifier":"m-1"},{"itemIdentifier":"m-1"}]}';
    expect(judgeResponse(text, batch)).toEqual({ kind: 'processed', failed: new Set(['m-1']) });
  });

  it.each([
    ['a string', '"ok"', 'expected a JSON object or nothing'],
    ['a number', '7', 'expected a JSON object or nothing'],
    ['false', 'false', 'expected a JSON object or nothing'],
    ['a list', '[{"itemIdentifier":"m-1"}]', 'expected a JSON object or nothing'],
    ['text that is not JSON', '{"batchItemFailures":[', 'expected a JSON object or nothing'],
    ['no text', '', 'expected a JSON object or nothing'],
    ['a list that is an object', '{"batchItemFailures":{}}', 'expected batchItemFailures to be a list'],
    ['a list that is a string', '{"batchItemFailures":"m-1"}', 'expected batchItemFailures to be a list'],
    ['an empty identifier', '{"batchItemFailures":[{"itemIdentifier":""}]}', 'expected every item'],
    ['a null identifier', '{"batchItemFailures":[{"itemIdentifier":null}]}', 'expected every item'],
    ['an identifier that is a number', '{"batchItemFailures":[{"itemIdentifier":1}]}', 'expected every item'],
    ['a wrong name', '{"batchItemFailures":[{"messageId":"m-1"}]}', 'expected every item'],
    ['bare identifiers', '{"batchItemFailures":["m-1"]}', 'expected every item'],
    ['a null item', '{"batchItemFailures":[null]}', 'expected every item'],
    [
      'an unknown identifier beside a known one',
      '{"batchItemFailures":[{"itemIdentifier":"m-1"},{"itemIdentifier":"m-9"}]}',
      'expected message ids of this batch, found 1 of no message in it',
    ],
  ])('fails the whole batch for %s', (_name, text, reason) => {
    expect(judgeResponse(text, batch)).toEqual({
      kind: 'whole-batch-failed',
      reason: expect.stringContaining(reason),
    });
  });
});
