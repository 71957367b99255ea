import type { Admission } from '@huntaze/rate-limiter-lambda';
import type { Host } from '../parts/host.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** SQS knows whole seconds. */
const SECOND_MS = 1_000;
const ROUNDING_MS = 1;
/** What is answered at one moment is parked together: each message reads clocks so often at most meanwhile. */
const READS_PER_MESSAGE = 4;
/** SQS hides a message for 12 h at most; a quarter of an hour is kept for what has passed since its receive. */
const LONGEST_PARK_MS = 11.75 * 3_600_000;

/**
 * Holds parking against what the limiter had answered: without an inline hold a waiter wakes at its due
 * time or up to a second later, with one at most the hold and a second earlier, never later than that.
 */
export class WaitWatch {
  readonly #due = new Map<string, { readonly atMs: number; readonly latestMs: number }>();
  readonly #forPlace = new Set<string>();
  readonly #inlineHoldMs: number;
  /** How long the code of a process may run from when it reads a clock until it parks. */
  readonly #codeMs: number;

  constructor({ inlineHoldMs, clocks, batchSize }: Scenario) {
    this.#inlineHoldMs = inlineHoldMs;
    this.#codeMs = clocks ? batchSize * READS_PER_MESSAGE * 2 * clocks.readMs : 0;
  }

  /** @returns whether the process held the message since it last asked. */
  asking(host: Host, identity: string): boolean {
    return this.#due.delete(nameOf(host, identity));
  }

  /** The process goes without an answer about a key: what it was told of its messages before does not count any more. */
  unanswered(host: Host, key: string): void {
    const start = nameOf(host, `${key} `);
    for (const name of this.#due.keys()) if (name.startsWith(start)) this.#due.delete(name);
  }

  /** @param latestMs until when the process may wait of its own accord, whatever the answer. */
  answered(
    host: Host,
    identity: string,
    admission: Admission,
    { nowMs, latestMs }: { readonly nowMs: number; readonly latestMs: number },
  ): void {
    if (admission.kind !== 'wait' && admission.kind !== 'busy') return;
    const dueAtMs = admission.kind === 'wait' ? admission.dueAtMs : admission.retryAtMs;
    const atMs = nowMs + dueAtMs - host.clock.nowMs();
    this.#due.set(nameOf(host, identity), { atMs, latestMs: Math.max(atMs, latestMs) });
    if (admission.kind === 'wait') this.#forPlace.add(nameOf(host, identity));
    else this.#forPlace.delete(nameOf(host, identity));
  }

  /** How long a message has yet to wait for its place; undefined when it waits for something else. */
  leftMs(host: Host, identity: string, nowMs: number): number | undefined {
    const name = nameOf(host, identity);
    const due = this.#forPlace.has(name) ? this.#due.get(name) : undefined;
    return due && due.latestMs - nowMs;
  }

  /** @returns what is wrong with hiding a message for so many seconds, if anything. */
  parking(host: Host, identity: string, seconds: number, nowMs: number): string | undefined {
    const name = nameOf(host, identity);
    const due = this.#due.get(name);
    this.#due.delete(name);
    if (!due) return undefined;
    const { atMs: dueAtMs, latestMs } = due;
    const wakesAtMs = nowMs + seconds * SECOND_MS;
    const earliestMs = this.#inlineHoldMs > 0 ? dueAtMs - this.#inlineHoldMs - SECOND_MS : dueAtMs;
    if (wakesAtMs < Math.min(earliestMs, nowMs + LONGEST_PARK_MS) - ROUNDING_MS)
      return `wakes ${Math.round(dueAtMs - wakesAtMs)} ms before its due time`;
    if (wakesAtMs > Math.max(latestMs, nowMs) + SECOND_MS + ROUNDING_MS + this.#codeMs)
      return `wakes ${Math.round(wakesAtMs - latestMs)} ms after its due time`;
    return undefined;
  }
}

function nameOf(host: Host, identity: string): string {
  return `${host.name} ${identity}`;
}
