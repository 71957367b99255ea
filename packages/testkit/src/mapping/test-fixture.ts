import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import {
  startEventSourceMapping,
  type EventSourceMapping,
  type EventSourceMappingOptions,
} from './event-source-mapping.ts';
import { fakeSqs, type FakeSqs } from './fake-sqs.ts';

/** A mapping on a fake queue, on time that the test moves. */
export interface MappingFixture {
  /** A new queue for each test, whose messages are hidden for 30 s once received. Replace it before `start`. */
  sqs: FakeSqs;
  /** Starts a mapping with a timeout of 1 s and lets it do what takes no time. */
  start(
    options: Partial<EventSourceMappingOptions> & Pick<EventSourceMappingOptions, 'handler'>,
  ): Promise<void>;
  /** The one that was started last. */
  readonly mapping: EventSourceMapping;
}

/** Registers hooks with the test file: each test starts on fake time, and ends with a mapping that stops and leaves no timer. */
export function mappingFixture(): MappingFixture {
  let mapping: EventSourceMapping | undefined;
  const fixture: MappingFixture = {
    sqs: fakeSqs({ visibilityMs: 30_000 }),
    start: async (options) => {
      mapping = await startEventSourceMapping({
        sqs: fixture.sqs,
        queueUrl: 'http://sqs/queue',
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:queue',
        functionTimeoutMs: 1_000,
        ...options,
      });
      await vi.advanceTimersByTimeAsync(0);
    },
    get mapping() {
      if (mapping === undefined) throw new Error('expected a mapping, found none: call start first');
      return mapping;
    },
  };
  beforeEach(() => {
    vi.useFakeTimers();
    fixture.sqs = fakeSqs({ visibilityMs: 30_000 });
  });
  afterEach(async () => {
    const stopped = mapping?.stop().catch(() => {});
    mapping = undefined;
    await vi.runAllTimersAsync();
    await stopped;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
  return fixture;
}

/** Ids of an event's messages, in order. */
export const idsOf = (event: SQSEvent): string[] => event.Records.map(({ messageId }) => messageId);

/** An answer that lists these identifiers, whatever they are. */
export const listing = (...identifiers: unknown[]) => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

/** m-1, m-2, … */
export const messageIds = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `m-${index + 1}`);
