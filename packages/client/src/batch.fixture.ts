import { SendMessageBatchCommand, type SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { accept, type mockSqs } from './client.fixture.ts';
import type { BatchResult, NewMessage } from './index.ts';

export const message = (id: string) => ({ key: 'k', payload: null, id }) satisfies NewMessage<null>;

/** Messages with the ids `m-0`, `m-1`, … */
export const messages = (count: number) => Array.from({ length: count }, (_, index) => message(`m-${index}`));

export const idsOf = (results: readonly BatchResult[]) => results.map(({ messageId }) => messageId);

/** An endless source that counts how far it was read and notices when it is left. */
export function endless() {
  const progress = { read: 0, left: false };
  async function* generate() {
    try {
      for (;;) yield message(`m-${progress.read++}`);
    } finally {
      progress.left = true;
    }
  }
  return { progress, messages: generate() };
}

/** Lets a test answer the requests of a batch one by one, in any order. */
export function answerByHand(sqs: ReturnType<typeof mockSqs>): (() => void)[] {
  const waiting: (() => void)[] = [];
  sqs.on(SendMessageBatchCommand).callsFake(
    (input: SendMessageBatchCommandInput) =>
      new Promise((resolve) => {
        waiting.push(() => resolve(accept(input)));
      }),
  );
  return waiting;
}
