import { describe, expect, it } from 'vitest';
import { isPayloadError, validatePayload } from '../contract/index.ts';
import { onlyFansMessage } from './only-fans-message.ts';

const valid = { recipientId: 'fan-1', content: 'hello' };

async function problemsOf(payload: unknown): Promise<readonly string[]> {
  try {
    await validatePayload(onlyFansMessage, payload);
    return [];
  } catch (error) {
    if (!isPayloadError(error)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const fields = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`field${n}`, n]));

describe('a message to a subscriber', () => {
  it.each([
    ['the least', valid],
    ['the longest texts', { recipientId: 'r'.repeat(128), content: 'c'.repeat(10_000) }],
    ['media', { ...valid, mediaUrls: Array.from({ length: 10 }, () => 'https://cdn.example.com/1.jpg') }],
    ['no media', { ...valid, mediaUrls: [] }],
    ['media left undefined', { ...valid, mediaUrls: undefined }],
    [
      'metadata of each kind',
      { ...valid, metadata: { campaign: 'spring', step: 2.5, test: false, none: '' } },
    ],
    ['the most metadata', { ...valid, metadata: fields(50) }],
    ['the longest metadata', { ...valid, metadata: { ['n'.repeat(64)]: 'v'.repeat(1_000) } }],
  ])('may hold %s', async (_, payload) => {
    expect(await problemsOf(payload)).toEqual([]);
  });

  it.each([
    [
      'no recipient',
      { content: 'x' },
      'payload.recipientId: expected text of 1 to 128 characters, found undefined',
    ],
    [
      'an empty recipient',
      { ...valid, recipientId: '' },
      'payload.recipientId: expected text of 1 to 128 characters, found 0 characters',
    ],
    [
      'a recipient that is too long',
      { ...valid, recipientId: 'r'.repeat(129) },
      'payload.recipientId: expected text of 1 to 128 characters, found 129 characters',
    ],
    [
      'a recipient that is a number',
      { ...valid, recipientId: 7 },
      'payload.recipientId: expected text of 1 to 128 characters, found a number',
    ],
    [
      'no content',
      { recipientId: 'r', content: '' },
      'payload.content: expected text of 1 to 10000 characters, found 0 characters',
    ],
    [
      'content that is too long',
      { ...valid, content: 'c'.repeat(10_001) },
      'payload.content: expected text of 1 to 10000 characters, found 10001 characters',
    ],
    [
      'media that are no list',
      { ...valid, mediaUrls: 'https://a.example/' },
      'payload.mediaUrls: expected a list of URLs, found 18 characters',
    ],
    [
      'more media than ten',
      { ...valid, mediaUrls: Array.from({ length: 11 }, () => 'https://a.example/') },
      'payload.mediaUrls: expected at most 10 URLs, found a list of 11',
    ],
    [
      'media at home',
      { ...valid, mediaUrls: ['https://a.example/', 'https://10.0.0.1/'] },
      'payload.mediaUrls[1]: expected a public https URL, found a host that is not public',
    ],
    [
      'media that are no text',
      { ...valid, mediaUrls: [null] },
      'payload.mediaUrls[0]: expected text, found null',
    ],
    [
      'metadata that is a list',
      { ...valid, metadata: ['a'] },
      'payload.metadata: expected an object with names of 1 to 64 characters, found a list of 1',
    ],
    [
      'metadata inside metadata',
      { ...valid, metadata: { a: {} } },
      'payload.metadata[0]: expected text, a finite number or a boolean, found an object with 0 fields',
    ],
    [
      'metadata without a value',
      { ...valid, metadata: { a: null } },
      'payload.metadata[0]: expected text, a finite number or a boolean, found null',
    ],
    [
      'metadata that is not finite',
      { ...valid, metadata: { a: Number.NaN } },
      'payload.metadata[0]: expected text, a finite number or a boolean, found a number that is not finite',
    ],
    [
      'metadata that is too long',
      { ...valid, metadata: { a: 'v'.repeat(1_001) } },
      'payload.metadata[0]: expected text of 0 to 1000 characters, found 1001 characters',
    ],
    [
      'metadata under a long name',
      { ...valid, metadata: { ['n'.repeat(65)]: 1 } },
      'payload.metadata[0]: expected an object with names of 1 to 64 characters, found 65 characters',
    ],
    [
      'metadata under no name',
      { ...valid, metadata: { '': 1 } },
      'payload.metadata[0]: expected an object with names of 1 to 64 characters, found 0 characters',
    ],
    [
      'too much metadata',
      { ...valid, metadata: fields(51) },
      'payload.metadata: expected at most 50 fields, found an object with 51 fields',
    ],
    [
      'a misspelt field',
      { ...valid, mediaUrl: [] },
      'payload: expected an object of recipientId, content, mediaUrls and metadata, found other fields',
    ],
    [
      'nothing',
      null,
      'payload: expected an object of recipientId, content, mediaUrls and metadata, found null',
    ],
  ])('may not hold %s', async (_, payload, problem) => {
    expect(await problemsOf(payload)).toEqual([problem]);
  });

  it('is told every problem, and none of its content', async () => {
    const problems = await problemsOf({
      recipientId: 'SECRET'.repeat(40),
      content: { secret: 'SECRET' },
      mediaUrls: ['https://SECRET@example.com/', 'http://secret.example/SECRET'],
      metadata: { 'secret@example.com': 'SECRET'.repeat(200), SECRET_list: ['SECRET'] },
      'secret field': 'SECRET',
    });

    expect(problems).toHaveLength(7);
    expect(problems.join('\n')).not.toMatch(/secret/i);
  });
});
