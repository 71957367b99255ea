import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod/mini';
import {
  createRateLimiterClient,
  type BatchResult,
  type BatchRun,
  type BypassError,
  type JsonValue,
  type Message,
  type NewMessage,
  type PayloadError,
  type PayloadSchema,
  type QueueCounts,
  type QueueRejectedError,
  type QueueUnavailableError,
  type RateLimiterClient,
  type Unavailable,
} from './index.ts';
import { onlyFansMessage, type OnlyFansMessage } from './presets/index.ts';

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';

/** What a client takes as the payload of a message. */
type PayloadOf<Client> = Client extends RateLimiterClient<infer Payload> ? Payload : never;

describe('the type of the payload', () => {
  it('is any JSON without a schema', () => {
    const client = createRateLimiterClient({ queueUrl });

    expectTypeOf<PayloadOf<typeof client>>().toEqualTypeOf<JsonValue>();
    void client.send({ key: 'k', payload: { a: [1, 'b', null, { c: true }] } });
    // @ts-expect-error a Date is not JSON
    void client.send({ key: 'k', payload: new Date() });
    // @ts-expect-error a function is not JSON
    void client.batch([{ key: 'k', payload: () => 1 }]);
  });

  it('follows from a zod schema: its input, before defaults and transforms', () => {
    const payload = z.object({
      n: z.pipe(
        z.string(),
        z.transform((text: string) => text.length),
      ),
      level: z._default(z.number(), 1),
    });
    const client = createRateLimiterClient({ queueUrl, payload });

    expectTypeOf<PayloadOf<typeof client>>().toEqualTypeOf<{ n: string; level?: number | undefined }>();
    void client.send({ key: 'k', payload: { n: 'text' } });
    // @ts-expect-error the output of the schema is not its input
    void client.send({ key: 'k', payload: { n: 4 } });
    // @ts-expect-error a field is missing
    void client.send({ key: 'k', payload: {} });
    // @ts-expect-error a field too many
    void client.batch([{ key: 'k', payload: { n: 'text', m: 1 } }]);
  });

  it('follows from any Standard Schema', () => {
    const payload = {} as PayloadSchema<{ in: string }, { out: number }>;
    const client = createRateLimiterClient({ queueUrl, payload });

    expectTypeOf<PayloadOf<typeof client>>().toEqualTypeOf<{ in: string }>();
  });

  it('follows from the preset', () => {
    const client = createRateLimiterClient({ queueUrl, payload: onlyFansMessage });

    expectTypeOf<PayloadOf<typeof client>>().toEqualTypeOf<OnlyFansMessage>();
    void client.send({ key: 'k', payload: { recipientId: 'fan-1', content: 'hello', metadata: { a: 1 } } });
    // @ts-expect-error metadata is flat
    void client.send({ key: 'k', payload: { recipientId: 'fan-1', content: 'hello', metadata: { a: {} } } });
  });
});

describe('a message', () => {
  it('needs a key and a payload', () => {
    expectTypeOf<NewMessage<1>>().toEqualTypeOf<{
      readonly key: string;
      readonly payload: 1;
      readonly priority?: 'high' | 'medium' | 'low' | undefined;
      readonly id?: string | undefined;
    }>();
  });

  it('may come in any iterable', () => {
    const client = createRateLimiterClient({ queueUrl });
    type Source = Parameters<typeof client.batch>[0];

    expectTypeOf<readonly NewMessage<number>[]>().toExtend<Source>();
    expectTypeOf<Set<NewMessage<string>>>().toExtend<Source>();
    expectTypeOf<AsyncGenerator<NewMessage<null>>>().toExtend<Source>();
    expectTypeOf<NewMessage<null>>().not.toExtend<Source>();
  });
});

describe('results', () => {
  it('of send tell which way a message went', () => {
    const client = createRateLimiterClient({ queueUrl });

    expectTypeOf(client.send).returns.resolves.toEqualTypeOf<
      | { readonly outcome: 'queued'; readonly messageId: string }
      | {
          readonly outcome: 'stored';
          readonly messageId: string;
          readonly cause: QueueUnavailableError | QueueRejectedError;
        }
      | { readonly outcome: 'bypassed'; readonly messageId: string }
    >();
  });

  it('of a batch are told apart by their outcome', () => {
    const inspect = (result: BatchResult) => {
      if (result.outcome !== 'rejected') {
        expectTypeOf(result.messageId).toEqualTypeOf<string>();
        // @ts-expect-error what was taken has no error
        return result.error;
      }
      expectTypeOf(result.messageId).toEqualTypeOf<string | undefined>();
      expectTypeOf(result.error).toEqualTypeOf<
        PayloadError | QueueUnavailableError | QueueRejectedError | BypassError
      >();
      return result.error.retryable;
    };
    void inspect;
  });

  it('of a batch are awaited all at once or iterated one by one', () => {
    expectTypeOf<Awaited<BatchRun>>().toEqualTypeOf<readonly BatchResult[]>();
    expectTypeOf<BatchRun>().toExtend<Promise<readonly BatchResult[]>>();
    expectTypeOf<BatchRun>().toExtend<AsyncIterable<BatchResult>>();
  });

  it('of status are counts or the reason why there are none', () => {
    const client = createRateLimiterClient({ queueUrl });

    expectTypeOf(client.status).returns.resolves.toEqualTypeOf<{
      readonly queue: QueueCounts | Unavailable;
      readonly deadLetters: QueueCounts | Unavailable | null;
      readonly breaker: 'closed' | 'open' | 'half-open';
      readonly fallback: { readonly pending: number; readonly dead: number } | Unavailable | null;
      readonly enabled: boolean | Unavailable;
      readonly rolloutPercent: number | Unavailable;
      readonly checkedAtMs: number;
    }>();
  });
});

describe('options', () => {
  it('take an SQSClient or anything with its send, as they are', () => {
    createRateLimiterClient({ queueUrl, sqs: new SQSClient({}) });
    createRateLimiterClient({ queueUrl, sqs: { send: async (command) => command.input } });
    // @ts-expect-error there is nothing to send with
    createRateLimiterClient({ queueUrl, sqs: {} });
  });

  it('need a queue, and know their names', () => {
    // @ts-expect-error there is no queue
    createRateLimiterClient({});
    // @ts-expect-error no such option
    createRateLimiterClient({ queueUrl, queueURL: queueUrl });
  });

  it('take undefined from an environment that says nothing', () => {
    createRateLimiterClient({ queueUrl, deadLetterQueueUrl: process.env['SQS_RATE_LIMITER_DLQ'] });
  });

  it('give a bypass what the schema makes of the payload, as deliver gets it', () => {
    const payload = z.object({
      n: z.pipe(
        z.string(),
        z.transform((text: string) => text.length),
      ),
    });
    createRateLimiterClient({
      queueUrl,
      payload,
      rolloutPercent: 10,
      bypass: (message) => {
        expectTypeOf(message).toEqualTypeOf<Message<{ n: number }>>();
      },
    });
    createRateLimiterClient({
      queueUrl,
      enabled: async () => false,
      bypass: async ({ payload: json }) => {
        expectTypeOf(json).toEqualTypeOf<JsonValue>();
      },
    });
    // @ts-expect-error a flag is no text
    createRateLimiterClient({ queueUrl, enabled: 'true' });
  });

  it('make a client that a scope can dispose of', () => {
    expectTypeOf<RateLimiterClient<never>>().toExtend<AsyncDisposable>();
  });
});
