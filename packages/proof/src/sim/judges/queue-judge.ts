import type { Admission } from '@huntaze/rate-limiter-lambda';
import type { AloneJudge } from './alone-judge.ts';
import type { Bench } from './bench.ts';
import { allBranches } from './branches.ts';
import type { Host } from '../parts/host.ts';
import type { MessageWatch } from './message-watch.ts';
import type { QueuedMessage } from '../parts/queued-message.ts';
import { RetentionWatch } from './retention-watch.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { costOf } from '../scenario/terms.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import { WaitWatch } from './wait-watch.ts';

/** What it must know that others saw. */
interface Others {
  readonly alone: AloneJudge;
  readonly message: (identity: string) => MessageWatch;
}

/** Judges what passes between the processes and the queue: receives, parks, deletions and dead letters. */
export class QueueJudge {
  sentMessages = 0;
  receives = 0;
  mostReceives = 0;
  readonly #bench: Bench;
  readonly #time: VirtualTime;
  readonly #scenario: Scenario;
  readonly #alone: AloneJudge;
  readonly #message: (identity: string) => MessageWatch;
  readonly #waits: WaitWatch;
  readonly #retention: RetentionWatch;

  constructor(bench: Bench, time: VirtualTime, scenario: Scenario, { alone, message }: Others) {
    this.#bench = bench;
    this.#time = time;
    this.#scenario = scenario;
    this.#alone = alone;
    this.#message = message;
    this.#waits = new WaitWatch(scenario);
    this.#retention = new RetentionWatch(scenario.retentionMs);
  }

  sent({ identity, sentAtMs }: QueuedMessage): void {
    this.#message(identity);
    this.sentMessages++;
    this.#retention.sent(identity, sentAtMs);
  }

  received({ receipt, receives, explained }: QueuedMessage): void {
    this.receives++;
    this.mostReceives = Math.max(this.mostReceives, receives);
    this.#bench.fail(
      'receives',
      receipt,
      receives > explained && `${receives} receives, ${explained} have a reason`,
    );
  }

  deleted({ sqsId, identity }: QueuedMessage): void {
    const gone = !this.#message(identity).isFinal && 'left the queue, neither delivered nor a dead letter';
    this.#bench.fail('conservation', `${sqsId} (${identity})`, gone);
  }

  /** The queue has no message of this identity any more, and nobody has handled it. */
  gone({ identity }: QueuedMessage): void {
    this.#message(identity).vanish();
  }

  /** SQS has moved a message to the dead-letter queue. */
  setAside({ identity }: QueuedMessage): void {
    this.#bench.hit('dead letter: moved by SQS');
    this.#message(identity).bury();
  }

  /** A dead letter is about to be sent back to its queue: whoever does that wants it delivered. */
  movedBack(identity: string): void {
    this.#bench.hit('dead letter moved back');
    this.#message(identity).revive(this.#nowMs, this.#scenario.rememberMs);
  }

  /** A process sends a dead letter, at this moment. */
  burying(host: Host, identity: string, reason: string): void {
    if (reason !== 'waits-beyond-retention') return;
    const leftMs = this.#waits.leftMs(host, identity, this.#nowMs);
    this.#bench.fail('conservation', identity, this.#retention.burying(host, identity, leftMs));
    // Should the letter not be sent, it waits for that, not for its place.
    this.#waits.asking(host, identity);
  }

  buried(identity: string, reason: string, attempts: number): void {
    const { maxAttempts } = this.#scenario;
    const branch = allBranches.find((one) => one === `dead letter: ${reason}`);
    if (branch) this.#bench.hit(branch);
    this.#bench.fail(
      'attempts',
      reason,
      attempts > maxAttempts && `${attempts} attempts, ${maxAttempts} allowed`,
    );
    const affordable = costOf(this.#scenario, identity.split(' ')[1] ?? '') <= this.#scenario.mostCost;
    this.#bench.fail(
      'conservation',
      identity,
      reason === 'invalid-cost' && affordable && 'set aside for its cost',
    );
    this.#message(identity).bury();
  }

  asking(host: Host, identity: string): void {
    if (this.#waits.asking(host, identity)) this.#bench.hit('held, then asked again');
  }

  answered(host: Host, key: string, identity: string, admission: Admission): void {
    const latestMs = this.#alone.waitsUntilMs(host, key);
    this.#waits.answered(host, identity, admission, { nowMs: this.#nowMs, latestMs });
  }

  unanswered(host: Host, key: string): void {
    this.#waits.unanswered(host, key);
  }

  parking(host: Host, identity: string, seconds: number): void {
    this.#bench.hit('parked');
    const leftMs = this.#waits.leftMs(host, identity, this.#nowMs);
    const lost = leftMs !== undefined && this.#retention.parking(host, identity, seconds * 1_000);
    this.#bench.fail('conservation', identity, lost);
    this.#bench.fail('due-time', identity, this.#waits.parking(host, identity, seconds, this.#nowMs));
  }

  /** A message was left to its queue although the limiter had named a time. */
  unparked(host: Host, identity: string): void {
    this.#bench.hit('left to the visibility of the queue');
    this.#waits.asking(host, identity);
  }

  get #nowMs(): number {
    return this.#time.clock.monotonicMs();
  }
}
