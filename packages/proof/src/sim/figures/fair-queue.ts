import type { SqsRecord } from '@huntaze/rate-limiter-lambda';
import { FIRST_QUEUE, identityOf } from '../parts/identity.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';

/** From so many messages in flight, and this share of all of them, on, a group is noisy (SQS fair queues). */
const NOISY_MESSAGES = 30;
const NOISY_SHARE = 0.1;
const VISIBILITY_MS = 180_000;

interface Stored {
  readonly sqsId: string;
  readonly group: string;
  readonly body: string;
  readonly sentAtMs: number;
  receives: number;
}

/**
 * A standard queue that hands out the oldest visible messages first; a fair one those of quiet groups before those of
 * noisy ones (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html).
 */
export class FairQueue {
  polls = 0;
  readonly #time: VirtualTime;
  readonly #fair: boolean;
  readonly #visible = new Map<string, Stored[]>();
  readonly #inFlight = new Map<string, number>();
  readonly #epochs = new Map<string, number>();
  readonly #stored = new Map<string, Stored>();
  #sent = 0;

  constructor(time: VirtualTime, fair: boolean) {
    this.#time = time;
    this.#fair = fair;
  }

  get inFlight(): number {
    return [...this.#inFlight.values()].reduce((sum, count) => sum + count, 0);
  }

  send(body: string): void {
    const group = identityOf(body, FIRST_QUEUE).split(' ')[0]!;
    const sqsId = `q-${this.#sent++}`;
    const stored = { sqsId, group, body, sentAtMs: this.#time.clock.nowMs(), receives: 0 };
    this.#stored.set(sqsId, stored);
    this.#show(stored);
  }

  receive(most: number): SqsRecord[] {
    this.polls++;
    const received: Stored[] = [];
    for (const group of this.#order()) {
      const waiting = this.#visible.get(group)!;
      const taken = waiting.splice(0, most - received.length);
      received.push(...taken);
      this.#count(group, taken.length);
    }
    for (const message of received) {
      message.receives++;
      this.#hide(message, VISIBILITY_MS);
    }
    return received.map(toRecord);
  }

  changeVisibility(receipt: string, ms: number): void {
    const message = this.#stored.get(receipt);
    if (message) this.#hide(message, ms);
  }

  delete({ messageId }: SqsRecord): void {
    const message = this.#stored.get(messageId);
    if (!message) return;
    this.#stored.delete(messageId);
    this.#count(message.group, -1);
  }

  /** Groups with visible messages: the one with the oldest first, the noisy ones last where the queue is fair. */
  #order(): readonly string[] {
    const total = this.inFlight;
    const isNoisy = (group: string) => {
      const own = this.#inFlight.get(group) ?? 0;
      return this.#fair && own >= NOISY_MESSAGES && own > NOISY_SHARE * total;
    };
    return [...this.#visible]
      .filter(([, waiting]) => waiting.length > 0)
      .toSorted(
        ([a, [oldestA]], [b, [oldestB]]) =>
          Number(isNoisy(a)) - Number(isNoisy(b)) || oldestA!.sentAtMs - oldestB!.sentAtMs,
      )
      .map(([group]) => group);
  }

  #hide(message: Stored, ms: number): void {
    const epoch = (this.#epochs.get(message.sqsId) ?? 0) + 1;
    this.#epochs.set(message.sqsId, epoch);
    this.#time.after(ms, () => {
      if (this.#epochs.get(message.sqsId) !== epoch || !this.#stored.has(message.sqsId)) return;
      this.#count(message.group, -1);
      this.#show(message);
    });
  }

  #show(message: Stored): void {
    const waiting = this.#visible.get(message.group) ?? [];
    waiting.push(message);
    this.#visible.set(message.group, waiting);
  }

  #count(group: string, by: number): void {
    this.#inFlight.set(group, (this.#inFlight.get(group) ?? 0) + by);
  }
}

function toRecord({ sqsId, group, body, receives, sentAtMs }: Stored): SqsRecord {
  return {
    messageId: sqsId,
    receiptHandle: sqsId,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(Math.floor(sentAtMs)),
      MessageGroupId: group,
    },
    eventSourceARN: '',
  };
}
