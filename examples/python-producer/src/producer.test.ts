import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { parseMessage, type JsonValue } from '@huntaze/rate-limiter-client/contract';
import { createHandler, memoryLimiter, perMinute, type SqsRecord } from '@huntaze/rate-limiter-lambda';
import { describe, expect, it } from 'vitest';

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
}

const read = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8');
/** What the Python program printed. */
const entries = JSON.parse(read('messages.json')) as readonly Entry[];

const FIFO_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages.fifo';

/** As Lambda hands over what was sent. */
function received({ Id, MessageBody, MessageGroupId }: Entry, queue: string): SqsRecord {
  return {
    messageId: `sqs-${Id}`,
    receiptHandle: `handle-${Id}`,
    body: MessageBody,
    attributes: {
      MessageGroupId,
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: String(Date.UTC(2026, 0, 1)),
      SentTimestamp: String(Date.UTC(2026, 0, 1)),
    },
    eventSourceARN: `arn:aws:sqs:eu-west-1:123456789012:${queue}`,
  };
}

describe('the messages of the Python producer', () => {
  it.each(['messages', 'messages.fifo'])(
    'are delivered from the queue %s, as they were written',
    async (queue) => {
      const delivered: { id: string; key: string; payload: JsonValue }[] = [];
      const handler = createHandler({
        limits: perMinute(100),
        limiter: memoryLimiter(),
        sqs: {
          send: async () => {
            throw new Error('expected no request');
          },
        },
        deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead',
        deliver: async ({ id, key, payload }) => void delivered.push({ id, key, payload }),
      });

      const response = await handler({ Records: entries.map((entry) => received(entry, queue)) });

      expect(response).toEqual({ batchItemFailures: [] });
      const written = entries.map(({ MessageBody }) => {
        const { id, key, payload } = JSON.parse(MessageBody) as (typeof delivered)[number];
        return { id, key, payload };
      });
      expect(delivered).toHaveLength(entries.length);
      expect(delivered).toEqual(expect.arrayContaining(written));
    },
  );

  it('belong to the groups, and have the deduplication ids, that a client gives them', async () => {
    const sent: Entry[] = [];
    const send = async ({ input }: { readonly input: object }) => {
      const { Entries } = input as { readonly Entries: readonly Entry[] };
      sent.push(...Entries);
      return { Successful: Entries.map(({ Id }) => ({ Id })) };
    };
    const client = createRateLimiterClient({ queueUrl: FIFO_URL, sqs: { send } });
    for (const { MessageBody } of entries) {
      const parsed = parseMessage(MessageBody);
      if (parsed.kind !== 'message') throw new Error(`expected a message, found ${parsed.kind}`);
      const { id, key, priority, payload } = parsed.message;
      await client.send({ id, key, priority, payload });
    }
    await client.close();

    const labels = (list: readonly Entry[]) =>
      list.map(({ MessageGroupId, MessageDeduplicationId }) => [MessageGroupId, MessageDeduplicationId]);
    expect(labels(sent)).toEqual(labels(entries));
  });
});

const python = spawnSync('python3', ['--version']).status === 0;

describe.skipIf(!python)('the Python producer (skipped without python3 on the PATH)', () => {
  const run = (...args: readonly string[]) =>
    execFileSync('python3', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });

  it('prints these messages', () => {
    expect(run('producer.py')).toBe(read('messages.json'));
  });

  it('makes what is left out, and refuses what a handler would not deliver', () => {
    const IDENTIFIER = 'expected 1 to 128 printable ASCII characters without spaces';
    const refusals = {
      'key="a b", payload=1': `key: ${IDENTIFIER}`,
      'key="a\\n", payload=1': `key: ${IDENTIFIER}`,
      'key="k", payload=1, id=""': `id: ${IDENTIFIER}`,
      'key="k", payload=1, priority="urgent"': 'priority: expected one of high, medium, low',
      'key="k", payload=float("nan")': 'Out of range float values are not JSON compliant',
      'key="k", payload="x" * 1_048_576': 'expected at most 1048576 bytes (1 MiB), found ',
      'key="k", payload=json.loads("[" * 101 + "]" * 101)': 'payload: expected at most 100 levels of nesting',
    };
    const program = `
from producer import *
def said(make):
    try:
        return make()
    except ValueError as error:
        return str(error)
print(json.dumps([
    entry("https://q/messages", "0", key="k", payload=1),
    ${Object.keys(refusals)
      .map((given) => `said(lambda: envelope(${given})),`)
      .join('\n    ')}
]))
`;
    const [made, ...said] = JSON.parse(run('-c', program)) as [Entry, ...string[]];

    expect(parseMessage(made.MessageBody)).toMatchObject({
      kind: 'message',
      message: { key: 'k', priority: 'medium', payload: 1 },
    });
    expect(made).not.toHaveProperty('MessageDeduplicationId');
    expect(said).toEqual(Object.values(refusals).map((words) => expect.stringContaining(words) as string));
  });
});
