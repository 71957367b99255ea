import type { Handler, SqsRecord } from '@huntaze/rate-limiter-lambda';
import type { Deployment } from '../scenario/deployments.ts';
import { startHost, type Host } from '../parts/host.ts';
import { identityOf } from '../parts/identity.ts';
import type { Queue } from './queue.ts';
import { ROOM_ENOUGH } from '../scenario/scenario.ts';
import { longestCallMs } from '../judges/call-judge.ts';
import type { World } from './world.ts';

/** What a handler keeps of a function's time for its response, rounded up. */
const RESPONSE_MS = 101;

/** One process and whether it is handling a batch. */
interface Slot {
  readonly queue: Queue;
  /** What the next process starts with here. */
  deployment: Deployment;
  host: Host | undefined;
  handler: Handler | undefined;
  busy: boolean;
  records: readonly SqsRecord[];
}

export type MakeHandler = (host: Host, queue: Queue) => Handler;

/** How many processes receive from each further queue. */
const PROCESSES_OF_A_FURTHER_QUEUE = 2;

/** Processes that receive batches, have them handled and delete what the handler did not list. */
export class Consumers {
  invocations = 0;
  /** Time that handlers took, as Lambda would bill it. */
  billedMs = 0;
  /** While they are down, nothing is received. */
  down = false;
  readonly #world: World;
  readonly #random: World['random'];
  readonly #makeHandler: MakeHandler;
  readonly #slots: readonly Slot[];
  #started = 0;

  constructor(world: World, queues: readonly Queue[], makeHandler: MakeHandler) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#makeHandler = makeHandler;
    this.#slots = queues.flatMap((queue, index) =>
      Array.from(
        { length: index === 0 ? world.scenario.processes : PROCESSES_OF_A_FURTHER_QUEUE },
        (): Slot => ({
          queue,
          deployment: world.scenario,
          host: undefined,
          handler: undefined,
          busy: false,
          records: [],
        }),
      ),
    );
    for (const queue of queues) queue.whenVisible(() => this.#poll(queue));
  }

  /** The processes that are handling a batch now. */
  busyHosts(): readonly Host[] {
    return this.#slots.flatMap(({ busy, host }) => (busy && host ? [host] : []));
  }

  /** The processes that run now. */
  hosts(): readonly Host[] {
    return this.#slots.flatMap(({ host }) => (host ? [host] : []));
  }

  /** How many processes run side by side. */
  get places(): number {
    return this.#slots.length;
  }

  /** From its next batch on, the process at this place is one of another deployment. */
  deploy(place: number, deployment: Deployment): void {
    this.#slots[place]!.deployment = deployment;
  }

  /** Sends all idle processes to their queues. */
  poll(): void {
    for (const { queue } of this.#slots) this.#poll(queue);
  }

  /** Sends an idle process to its queue. */
  #poll(of: Queue): void {
    const slot = this.#slots.find(({ busy, queue }) => !busy && queue === of);
    if (this.down || !slot) return;
    slot.busy = true;
    this.#world.time.after(this.#random.between(20, 100), () => this.#receive(slot));
  }

  #receive(slot: Slot): void {
    slot.records = this.down ? [] : slot.queue.receive(this.#world.scenario.batchSize);
    if (slot.records.length > 0) void this.#invoke(slot);
    else slot.busy = false;
  }

  async #invoke(slot: Slot): Promise<void> {
    const { time, judge, trace, scenario, faults } = this.#world;
    const { records, queue } = slot;
    // A process that is replaced ends when it has nothing in hand.
    if (slot.host && slot.host.deployment !== slot.deployment) slot.host = slot.handler = undefined;
    const host = (slot.host ??= this.#startHost(slot));
    const handler = (slot.handler ??= this.#makeHandler(host, queue));
    const short = scenario.functionTimeoutMs !== undefined && faults.strikes('short-deadline');
    const timeoutMs = short ? this.#random.between(200, 2_500) : scenario.functionTimeoutMs;
    const endsAtMs = time.clock.monotonicMs() + (timeoutMs ?? 0);
    const context = { getRemainingTimeInMillis: () => endsAtMs - time.clock.monotonicMs() };
    const cancel = timeoutMs === undefined ? () => {} : time.after(timeoutMs, () => this.#timeOut(host));
    const overdue = time.after(longestCallMs({ ...scenario, ...host.deployment }), () =>
      judge.calls.overdue(host),
    );
    for (const { receiptHandle } of records) queue.inHand.add(receiptHandle);
    this.invocations++;
    trace.note('invoke', host.name, records.length);
    const startedAtMs = time.clock.monotonicMs();
    const { batchItemFailures } = await handler(
      { Records: records },
      timeoutMs === undefined ? undefined : context,
    ).catch((error: unknown) => {
      judge.fail('response', host.name, `throws ${String(error)}`);
      return { batchItemFailures: [] };
    });
    cancel();
    overdue();
    this.billedMs += Math.ceil(time.clock.monotonicMs() - startedAtMs);
    if (!host.alive) return;
    const listed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    const wrong = listed.filter(
      (id, index) =>
        records.filter(({ messageId }) => messageId === id).length <=
        listed.slice(0, index).filter((one) => one === id).length,
    );
    judge.fail(
      'response',
      host.name,
      wrong.length > 0 && `lists ${wrong.join(', ')}, too often or of another batch`,
    );
    trace.note('response', host.name, ...listed);
    // Where the time is up before everything is hidden, the rest returns when its visibility ends. So it does where the
    // process stood still until its calls had taken too long.
    const outOfTime = timeoutMs !== undefined && context.getRemainingTimeInMillis() <= RESPONSE_MS;
    if (outOfTime || host.wasFrozen) for (const { receiptHandle } of records) queue.explain(receiptHandle);
    const kept = records.filter(({ messageId }) => listed.includes(messageId));
    this.#explainUnparked(slot, host, kept);
    // Of twins, one receipt is as good as the other.
    const handled = new Set(
      kept.filter((record) => queue.wasHandled(record)).map(({ messageId }) => messageId),
    );
    const unhandled = kept.filter(({ messageId }) => !handled.has(messageId));
    const isExcused = outOfTime || host.wasFrozen || scenario.mostInFlight < ROOM_ENOUGH;
    judge.fail(
      'response',
      host.name,
      !isExcused && unhandled.length > 0 && `lists ${unhandled[0]!.receiptHandle} before it was hidden`,
    );
    for (const record of records) if (!listed.includes(record.messageId)) queue.delete(record);
    this.#release(slot);
  }

  /** Where there is little room in flight, a waiter returns when the queue's own visibility ends. */
  #explainUnparked({ queue }: Slot, host: Host, listed: readonly SqsRecord[]): void {
    if (this.#world.scenario.mostInFlight >= ROOM_ENOUGH) return;
    for (const { receiptHandle, body } of listed) {
      if (queue.wasParked(receiptHandle)) continue;
      this.#world.judge.queue.unparked(host, identityOf(body, host.queue));
      queue.explain(receiptHandle);
    }
  }

  #timeOut(host: Host): void {
    if (!host.alive) return;
    this.#world.faults.count('function-timeout');
    this.#world.judge.calls.timedOut(host);
    host.kill();
  }

  #startHost(slot: Slot): Host {
    const { time, trace, scenario } = this.#world;
    const host: Host = startHost(time, {
      name: `${slot.queue.prefix}p-${this.#started++}`,
      queue: slot.queue.name,
      deployment: slot.deployment,
      clocks: scenario.clocks,
      random: this.#random.fork(),
      onDeath: () => {
        trace.note('death', host.name);
        // Another process may have taken its place.
        if (slot.host !== host) return;
        for (const { receiptHandle } of slot.records) slot.queue.explain(receiptHandle);
        slot.host = slot.handler = undefined;
        // Who dies between two batches leaves nothing behind, and the next one may begin at once.
        if (slot.records.length > 0) time.after(this.#random.between(50, 500), () => this.#release(slot));
      },
    });
    if (scenario.clocks) this.#world.faults.count('clock-moves-while-code-runs');
    return host;
  }

  #release(slot: Slot): void {
    for (const { receiptHandle } of slot.records) slot.queue.inHand.delete(receiptHandle);
    slot.busy = false;
    slot.records = [];
    this.#poll(slot.queue);
  }
}
