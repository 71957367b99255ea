import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { pause } from '../pause.ts';
import type { MappingSqs } from './queue.ts';

/** SQS in a few lines, on whatever clock the test has, that remembers what it was asked. */
export interface FakeSqs extends MappingSqs {
  /** Ids of messages that were not deleted. */
  readonly remaining: readonly string[];
  /** Sizes of the delete batches. */
  readonly deleteBatches: readonly number[];
  readonly receives: readonly { readonly max: number; readonly waitSeconds: number }[];
  add(...messageIds: string[]): void;
  /** Makes the calls of a kind fail from now on, or work again. */
  fail(kind: 'receive' | 'delete', failing: boolean): void;
}

interface Held {
  readonly messageId: string;
  receives: number;
  visibleAtMs: number;
}

/** Granularity of a long poll. */
const STEP_MS = 10;

/** A queue whose messages stay hidden for `visibilityMs` once received. */
export function fakeSqs({ visibilityMs }: { visibilityMs: number }): FakeSqs {
  const held: Held[] = [];
  const deleteBatches: number[] = [];
  const receives: { max: number; waitSeconds: number }[] = [];
  const failing = new Set<string>();

  const take = (max: number): Message[] => {
    const visible = held.filter(({ visibleAtMs }) => visibleAtMs <= performance.now()).slice(0, max);
    return visible.map((message) => {
      message.receives++;
      message.visibleAtMs = performance.now() + visibilityMs;
      return asReceived(message);
    });
  };
  const receive = async (max: number, waitSeconds: number, abortSignal: AbortSignal | undefined) => {
    receives.push({ max, waitSeconds });
    if (failing.has('receive')) throw new Error('receive refused');
    const endsAtMs = performance.now() + waitSeconds * 1_000;
    for (;;) {
      const messages = take(max);
      if (messages.length > 0 || performance.now() >= endsAtMs) return { Messages: messages };
      await pause(STEP_MS, abortSignal);
      abortSignal?.throwIfAborted();
    }
  };
  const remove = (handles: readonly string[]) => {
    if (failing.has('delete')) throw new Error('delete refused');
    if (handles.length === 0 || handles.length > 10)
      throw new Error(`expected 1 to 10 entries, found ${handles.length}`);
    deleteBatches.push(handles.length);
    for (const handle of handles) {
      const index = held.findIndex((message) => handleOf(message) === handle);
      if (index >= 0) held.splice(index, 1);
    }
    return { Successful: handles.map((_, index) => ({ Id: String(index) })) };
  };
  const send = async (command: unknown, options?: { abortSignal: AbortSignal }): Promise<unknown> => {
    if (command instanceof GetQueueAttributesCommand) {
      return { Attributes: { VisibilityTimeout: String(visibilityMs / 1_000) } };
    }
    if (command instanceof ReceiveMessageCommand) {
      const { MaxNumberOfMessages = 1, WaitTimeSeconds = 0 } = command.input;
      return receive(MaxNumberOfMessages, WaitTimeSeconds, options?.abortSignal);
    }
    if (command instanceof DeleteMessageBatchCommand) {
      return remove((command.input.Entries ?? []).map(({ ReceiptHandle = '' }) => ReceiptHandle));
    }
    throw new Error('expected a command of the mapping, found another');
  };
  return {
    send: send as MappingSqs['send'],
    deleteBatches,
    receives,
    get remaining() {
      return held.map(({ messageId }) => messageId);
    },
    add: (...messageIds) => {
      for (const messageId of messageIds) held.push({ messageId, receives: 0, visibleAtMs: 0 });
    },
    fail: (kind, fails) => void (fails ? failing.add(kind) : failing.delete(kind)),
  };
}

/** A new receive makes a new handle, as on SQS. */
function handleOf({ messageId, receives }: Held): string {
  return `${messageId}#${receives}`;
}

function asReceived(message: Held): Message {
  return {
    MessageId: message.messageId,
    ReceiptHandle: handleOf(message),
    Body: `body of ${message.messageId}`,
    MD5OfBody: 'digest',
    Attributes: {
      ApproximateReceiveCount: String(message.receives),
      SentTimestamp: '1700000000000',
      SenderId: '000000000000',
      ApproximateFirstReceiveTimestamp: '1700000000000',
    },
  };
}
