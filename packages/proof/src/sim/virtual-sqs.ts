import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageCommand,
  type ChangeMessageVisibilityBatchCommandInput,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import type { SqsClient, SqsRecord } from '@huntaze/rate-limiter-lambda';
import type { SeededRandom } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  receives: number;
  firstReceivedAtMs: number;
  receipt: string;
  /** Grows whenever the visibility changes: an older wake-up then means nothing. */
  epoch: number;
}

export interface VirtualSqsOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly visibilityMs: number;
  /** How late a message may become visible at most. */
  readonly lateMs: number;
  readonly maxReceiveCount: number;
}

/** A standard queue and its dead-letter queue in virtual time: any order, late wake-ups, strict receipts. */
export class VirtualSqs {
  readonly deadLetters: string[] = [];
  readonly receives = new Map<string, number>();
  readonly #options: VirtualSqsOptions;
  readonly #messages = new Map<string, QueuedMessage>();
  readonly #visible: QueuedMessage[] = [];
  #onVisible = () => {};

  constructor(options: VirtualSqsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#messages.size;
  }

  whenVisible(notify: () => void): void {
    this.#onVisible = notify;
  }

  send(id: string, body: string): void {
    const message = { id, body, receives: 0, firstReceivedAtMs: 0, receipt: '', epoch: 0 };
    this.#messages.set(id, message);
    this.#show(message);
  }

  /** Hands out up to `most` visible messages, in an order near to arrival, hidden for the queue's visibility. */
  receive(most: number): SqsRecord[] {
    const { time, random, visibilityMs, maxReceiveCount } = this.#options;
    const records: SqsRecord[] = [];
    while (records.length < most && this.#visible.length > 0) {
      const at = random.below(Math.min(this.#visible.length, 200));
      const message = this.#visible[at]!;
      this.#visible[at] = this.#visible.at(-1)!;
      this.#visible.pop();
      if (!this.#messages.has(message.id)) continue;
      if (message.receives >= maxReceiveCount) {
        this.#messages.delete(message.id);
        this.deadLetters.push(message.id);
        continue;
      }
      message.receives++;
      this.receives.set(message.id, message.receives);
      if (message.receives === 1) message.firstReceivedAtMs = time.clock.nowMs();
      message.receipt = `${message.id}#${message.receives}`;
      this.#hide(message, visibilityMs);
      records.push(toRecord(message));
    }
    return records;
  }

  delete(records: readonly SqsRecord[]): void {
    for (const { messageId } of records) this.#messages.delete(messageId);
  }

  /** What the handler sees. */
  readonly client = {
    send: async (command: ChangeMessageVisibilityBatchCommand | SendMessageCommand) => {
      if (command instanceof SendMessageCommand) return this.#sendDeadLetter(command.input);
      return this.#changeVisibility(command.input);
    },
  } as SqsClient;

  #sendDeadLetter({ MessageBody = '' }: SendMessageCommandInput) {
    this.deadLetters.push((JSON.parse(MessageBody) as { id: string }).id);
    return { MessageId: 'dead' };
  }

  #changeVisibility({ Entries = [] }: ChangeMessageVisibilityBatchCommandInput) {
    for (const { ReceiptHandle = '', VisibilityTimeout = 0 } of Entries) {
      const message = this.#messages.get(ReceiptHandle.split('#')[0] ?? '');
      if (message?.receipt === ReceiptHandle) this.#hide(message, VisibilityTimeout * 1_000);
    }
    return { Failed: [] };
  }

  #hide(message: QueuedMessage, forMs: number): void {
    const { time, random, lateMs } = this.#options;
    const epoch = ++message.epoch;
    time.after(forMs + random.between(0, lateMs), () => {
      if (message.epoch === epoch && this.#messages.has(message.id)) this.#show(message);
    });
  }

  #show(message: QueuedMessage): void {
    this.#visible.push(message);
    this.#onVisible();
  }
}

function toRecord({ id, body, receives, receipt, firstReceivedAtMs }: QueuedMessage): SqsRecord {
  return {
    messageId: id,
    receiptHandle: receipt,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      ApproximateFirstReceiveTimestamp: String(Math.floor(firstReceivedAtMs)),
    },
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:messages',
  };
}
