import type { Host } from '../parts/host.ts';
import { RETENTION_ENOUGH_MS } from '../scenario/scenario.ts';

/** A process sets a message aside so long before its queue would delete it. */
const MARGIN_MS = 60_000;
/** SQS knows whole seconds. */
const ROUNDING_MS = 1_000;

/**
 * Holds waits against how long their queue keeps messages, by the clock of the process that decides: what would be
 * deleted before its place is free becomes a dead letter and is never hidden, and nothing else does.
 */
export class RetentionWatch {
  readonly #sentMs = new Map<string, { readonly firstMs: number; lastMs: number }>();
  readonly #retentionMs: number;

  constructor(retentionMs: number) {
    this.#retentionMs = retentionMs;
  }

  sent(identity: string, atMs: number): void {
    const known = this.#sentMs.get(identity);
    if (known) known.lastMs = atMs;
    else this.#sentMs.set(identity, { firstMs: atMs, lastMs: atMs });
  }

  /** @returns what is wrong with hiding for so long a message that waits for its place, if anything. */
  parking(host: Host, identity: string, forMs: number): string | undefined {
    const sent = this.#sentMs.get(identity);
    // A process that stood still gave up asking how long its queue keeps messages.
    if (!sent || host.wasFrozen) return undefined;
    const overMs = host.clock.nowMs() + forMs - sent.lastMs - this.#retentionMs;
    return overMs > 0 ? `hidden until ${Math.round(overMs)} ms after its queue deletes it` : undefined;
  }

  /** @returns what is wrong with setting aside a message that has yet to wait so long, if anything. */
  burying(host: Host, identity: string, leftMs: number | undefined): string | undefined {
    const sent = this.#sentMs.get(identity);
    if (this.#retentionMs === RETENTION_ENOUGH_MS) return 'set aside although its queue keeps it long enough';
    if (!sent || leftMs === undefined) return undefined;
    const earlyMs = sent.firstMs + this.#retentionMs - MARGIN_MS - ROUNDING_MS - host.clock.nowMs() - leftMs;
    return earlyMs > 0 ? `set aside ${Math.round(earlyMs)} ms before it had to be` : undefined;
  }
}
