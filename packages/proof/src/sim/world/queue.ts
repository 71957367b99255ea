import type { SqsRecord } from '@huntaze/rate-limiter-lambda';
import type { SeededRandom } from '../engine/random.ts';
import { FIRST_QUEUE, identityOf } from '../parts/identity.ts';
import { toRecord, type Attributes, type QueuedMessage } from '../parts/queued-message.ts';
import { RETENTION_ENOUGH_MS } from '../scenario/scenario.ts';
import type { World } from './world.ts';

/** Where in the queue messages are taken from: SQS promises no order, and keeps it roughly. */
const DISORDER = 200;
/** SQS takes up to 43,200 s, counted from the receive (ChangeMessageVisibility). */
const LONGEST_VISIBILITY_SECONDS = 43_200;

/** A standard queue: at least once, in any order, with late wake-ups and receipts that grow old. */
export class Queue {
  readonly name: string;
  /** Tells ids of this queue from those of the first one. */
  readonly prefix: string;
  /** The receipts of what processes are handling. */
  readonly inHand = new Set<string>();
  /** The dead-letter queue: what handlers have sent there, and what SQS has moved. */
  readonly letters: Pick<QueuedMessage, 'body' | 'attributes'>[] = [];
  readonly #parked = new Set<string>();
  /** Receipts of what a process has hidden, or tried to, and messages that it tried to set aside. */
  readonly #handled = new Set<string>();
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #messages = new Map<string, QueuedMessage>();
  readonly #visible: QueuedMessage[] = [];
  #sent = 0;
  #onVisible = () => {};
  #onEmpty = () => {};

  constructor(world: World, name = FIRST_QUEUE) {
    this.name = name;
    this.prefix = name === FIRST_QUEUE ? '' : `${name}-`;
    this.#world = world;
    this.#random = world.random.fork();
  }

  get size(): number {
    return this.#messages.size;
  }

  /** How many messages are received and not deleted. */
  get hidden(): number {
    return this.#messages.size - this.#visible.length;
  }

  whenVisible(notify: () => void): void {
    this.#onVisible = notify;
  }

  whenEmpty(notify: () => void): void {
    this.#onEmpty = notify;
  }

  send(body: string, attributes: Attributes = {}): void {
    const sqsId = `${this.prefix}q-${this.#sent++}`;
    const queued = {
      sqsId,
      body,
      identity: identityOf(body, this.name),
      sentAtMs: this.#world.time.clock.nowMs(),
      attributes,
      receives: 0,
      explained: 1,
      firstReceivedAtMs: 0,
      receipt: '',
      epoch: 0,
      visible: false,
    };
    this.#messages.set(sqsId, queued);
    this.#world.trace.note('send', sqsId, queued.identity);
    this.#world.judge.queue.sent(queued);
    this.#keepFor(queued, this.#world.scenario.retentionMs);
    this.#show(queued);
  }

  /** Hands out up to `most` visible messages, hidden for the queue's visibility. */
  receive(most: number): SqsRecord[] {
    const { time, faults, scenario, judge, trace } = this.#world;
    const received: QueuedMessage[] = [];
    while (received.length < most && this.#visible.length > 0) {
      const message = this.#takeVisible();
      if (!this.#messages.has(message.sqsId)) continue;
      if (message.receives >= scenario.maxReceiveCount) {
        this.#setAside(message);
        continue;
      }
      message.receives++;
      if (message.receives === 1) message.firstReceivedAtMs = time.clock.nowMs();
      message.receipt = `${message.sqsId}#${message.receives}`;
      this.#hide(message, scenario.visibilityMs);
      judge.queue.received(message);
      received.push(message);
    }
    if (received.length === 0) return [];
    const lost = faults.strikes('receive-reply-lost');
    trace.note('receive', ...received.map(({ receipt }) => receipt), lost ? 'lost' : '');
    for (const message of received) {
      if (lost) message.explained++;
      else if (faults.strikes('duplicate-delivery')) this.#again(message, this.#random.between(0, 3_000));
    }
    if (lost) return [];
    const records = received.map((message) => toRecord(message, this.name));
    return records.length < most ? [...records, ...this.#twins(received)] : records;
  }

  /** SQS may hand out a message twice in one receive, each time with a receipt of its own. */
  #twins(received: readonly QueuedMessage[]): SqsRecord[] {
    const { faults, judge } = this.#world;
    const message = received[0]!;
    if (!faults.strikes('twins-in-one-receive')) return [];
    message.receives++;
    message.explained++;
    message.receipt = `${message.receipt}-twin`;
    judge.queue.received(message);
    return [toRecord(message, this.name)];
  }

  /** Deletes what a batch response did not list. */
  delete({ messageId, receiptHandle }: SqsRecord): void {
    const { faults, judge, trace } = this.#world;
    const message = this.#messages.get(messageId);
    if (!message) return;
    if (faults.strikes('delete-lost') || this.#isIgnored(message, receiptHandle)) {
      message.explained++;
      return;
    }
    trace.note('delete', messageId);
    judge.queue.deleted(message);
    this.#drop(message);
    if (faults.strikes('redelivery-after-delete')) {
      this.#messages.set(messageId, message);
      this.#again(message, this.#random.between(0, 60_000));
    }
    if (this.#messages.size === 0) this.#onEmpty();
  }

  /** Takes out what is visible, as a consumer that knows nothing of limits does. */
  takeVisible(most: number): void {
    for (let left = most; left > 0 && this.#visible.length > 0; left--) this.remove(this.#takeVisible());
  }

  /** Everything goes, hidden or not. */
  purge(): void {
    for (const message of this.#messages.values()) this.remove(message);
  }

  /** A message goes that nobody has handled. */
  remove(message: QueuedMessage): void {
    if (this.#messages.get(message.sqsId) !== message) return;
    this.#drop(message);
    const { judge, trace } = this.#world;
    trace.note('gone', message.sqsId, message.identity);
    if (!this.left().includes(message.identity)) {
      judge.queue.gone(message);
      judge.order.left(message.identity);
    }
    if (this.#messages.size === 0) this.#onEmpty();
  }

  /** @returns whether SQS took it. */
  changeVisibility(receipt: string, seconds: number): boolean {
    const message = this.find(receipt);
    const acceptable = Number.isInteger(seconds) && seconds >= 0 && seconds < LONGEST_VISIBILITY_SECONDS;
    if (!message || !acceptable) return false;
    if (this.#isIgnored(message, receipt)) return true;
    this.#world.trace.note('park', receipt, seconds);
    this.#parked.add(receipt);
    message.explained++;
    this.#hide(message, seconds * 1_000);
    return true;
  }

  /** Whether whoever had this receipt has hidden its message. */
  wasParked(receipt: string): boolean {
    return this.#parked.has(receipt);
  }

  /** A process has heard whether these messages were hidden. */
  wasAskedToHide(receipts: readonly string[]): void {
    for (const receipt of receipts) this.#handled.add(receipt);
  }

  /** Whether whoever had this receipt has hidden its message, or tried to; or tried to set it aside. */
  wasHandled({ receiptHandle, messageId }: SqsRecord): boolean {
    return this.#handled.has(receiptHandle) || this.#handled.has(messageId);
  }

  /** Gives a receive of this message, if it is still here, a reason. */
  explain(receipt: string): void {
    const message = this.find(receipt);
    if (message) message.explained++;
  }

  /** The message that a receipt is for, if it is still here. */
  find(receipt: string): QueuedMessage | undefined {
    return this.#messages.get(receipt.split('#')[0] ?? '');
  }

  /** As {@link explain}, for every copy of a message. */
  explainAll(identity: string): void {
    for (const message of this.#messages.values()) {
      if (message.identity !== identity) continue;
      message.explained++;
      this.#handled.add(message.sqsId);
    }
  }

  /** The identities of what is left. */
  left(): readonly string[] {
    return [...this.#messages.values()].map(({ identity }) => identity);
  }

  /** An old receipt may or may not still work (DeleteMessage, "ReceiptHandle"). */
  #isIgnored(message: QueuedMessage, receipt: string): boolean {
    return message.receipt !== receipt && this.#random.chance(0.5);
  }

  /** SQS moves on what was received too often ("maxReceiveCount"). */
  #setAside(message: QueuedMessage): void {
    const { faults, judge, trace } = this.#world;
    this.#drop(message);
    faults.count('received-too-often');
    trace.note('set-aside', message.sqsId, message.identity);
    judge.queue.setAside(message);
    if (!this.left().includes(message.identity)) judge.order.left(message.identity);
    this.letters.push(message);
    if (this.#messages.size === 0) this.#onEmpty();
  }

  /** What is older than this is deleted, whatever becomes of it otherwise. */
  #keepFor(message: QueuedMessage, retentionMs: number): void {
    if (retentionMs === RETENTION_ENOUGH_MS) return;
    this.#world.time.after(retentionMs, () => {
      if (!this.#messages.has(message.sqsId)) return;
      this.#world.faults.count('deleted-by-retention');
      this.remove(message);
    });
  }

  #drop(message: QueuedMessage): void {
    this.#messages.delete(message.sqsId);
    if (message.visible) this.#visible.splice(this.#visible.indexOf(message), 1);
    message.visible = false;
    // Should it come back, then not also because its old visibility ends.
    message.epoch++;
  }

  #takeVisible(): QueuedMessage {
    const at = this.#random.below(Math.min(this.#visible.length, DISORDER));
    const message = this.#visible[at]!;
    this.#visible[at] = this.#visible.at(-1)!;
    this.#visible.pop();
    message.visible = false;
    return message;
  }

  #hide(message: QueuedMessage, forMs: number): void {
    const { time, faults, scenario } = this.#world;
    const epoch = ++message.epoch;
    const lateMs = faults.strikes('late-wake-up')
      ? this.#random.between(0, 90_000)
      : this.#random.between(0, scenario.lateMs);
    time.after(forMs + lateMs, () => {
      if (message.epoch !== epoch) return;
      if (this.inHand.has(message.receipt)) {
        faults.count('visibility-ran-out');
        message.explained++;
      }
      this.#show(message);
    });
  }

  #again(message: QueuedMessage, inMs: number): void {
    message.explained++;
    this.#world.time.after(inMs, () => this.#show(message));
  }

  #show(message: QueuedMessage): void {
    if (message.visible || !this.#messages.has(message.sqsId)) return;
    message.visible = true;
    this.#visible.push(message);
    this.#onVisible();
  }
}
