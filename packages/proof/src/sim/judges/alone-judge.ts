import { memoryMs } from '../scenario/terms.ts';
import { AloneWatch, longestMs } from './alone-watch.ts';
import type { Bench } from './bench.ts';
import { wasDecidedAlone, type Call, type Heard } from '../parts/call.ts';
import type { Host } from '../parts/host.ts';
import type { Message } from '@huntaze/rate-limiter-client/contract';
import { identify } from '../parts/identity.ts';
import { KeyWatch } from './key-watch.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Question } from './silence-watch.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import type { Invariant } from './violation.ts';

/** Calls of one key that arrived in time, whoever had decided on them. */
interface Together {
  /** What all processes called alone: that much is never more than a limit. */
  readonly alone: KeyWatch;
  readonly arrivedAtMs: number[];
}

/** No answer of the limiter, and a delivery that is aborted, take so long to be noticed. */
const ABORT_GRACE_MS = 250;

/**
 * Judges what processes do without the limiter. Nobody but the process itself sees what it admits then, so what counts
 * is what it calls: it must have had no answer for a lease and a window, keep to its share, and leave a window between
 * these calls and those that it was granted.
 */
export class AloneJudge {
  readonly #bench: Bench;
  readonly #time: VirtualTime;
  readonly #scenario: Scenario;
  readonly #watches = new Map<Host, Map<string, AloneWatch>>();
  readonly #together = new Map<string, Together>();
  #calls = 0;

  constructor(bench: Bench, time: VirtualTime, scenario: Scenario) {
    this.#bench = bench;
    this.#time = time;
    this.#scenario = scenario;
  }

  /** A process asks the limiter something about a key. */
  asks(host: Host, key: string): Question {
    if (this.#nobodyMay) return { answered: () => {}, refused: () => {} };
    const { silence } = this.#watch(host, key);
    const question = silence.asks(() => this.#nowMs);
    return {
      answered: question.answered,
      refused: () => {
        question.refused();
        const isAlone = silence.alone(this.#nowMs, this.#silentMs, false) === undefined;
        if (isAlone) this.#bench.hit('asked again by a process alone');
      },
    };
  }

  /** A process goes without an answer about a key, however long one may take. */
  unanswered(host: Host, key: string): void {
    if (!this.#nobodyMay) this.#watch(host, key).silence.givenUp();
  }

  /** A process calls although the limiter has granted it nothing. */
  call(host: Host, { key, ...named }: Message<unknown>, attempt: number): Call {
    const { id } = named;
    const claim = { key, id, token: --this.#calls, attempt, takeover: false, leaseUntilMs: 0 };
    return { host, key, identity: identify(key, named, host.queue), claim };
  }

  delivering(call: Call, attempt: number): void {
    const { host, key, identity } = call;
    if (wasDecidedAlone(call)) {
      this.#bench.hit('delivered by a process alone');
      this.#bench.fail('claim', identity, this.#nobodyMay && 'called although no claim was granted');
      return this.#deliveringAlone(call, attempt);
    }
    const { aloneAtMs, silentUntilMs } = this.#watch(host, key);
    if (!Number.isFinite(aloneAtMs)) return;
    this.#bench.hit('delivered through the limiter again');
    const silenced = this.#nowMs < silentUntilMs - 1 && 'called in a silence asked for when alone';
    this.#bench.fail('hold', identity, silenced);
  }

  /** A call arrived at the upstream in time. */
  arrived(call: Call): void {
    if (this.#nobodyMay) return;
    const { host, key, identity, claim } = call;
    const watch = this.#watch(host, key);
    this.#bench.fail('rate', identity, watch.arrived(call, this.#nowMs));
    const together = this.#togetherOf(key);
    if (wasDecidedAlone(call)) {
      this.#bench.fail('rate', `alone, ${identity}`, watch.share.arrived(this.#nowMs, claim.token));
      this.#bench.fail('rate', `all alone, ${identity}`, together.alone.arrived(this.#nowMs, claim.token));
    }
    together.arrivedAtMs.push(this.#nowMs);
    const isBeyond = this.#scenario.limits.some((limit) => {
      const firstMs = limit.kind === 'sliding-window' && together.arrivedAtMs.at(-1 - limit.limit);
      return firstMs && this.#nowMs - firstMs < limit.windowMs;
    });
    if (isBeyond) this.#bench.hit('a limit, and shares of processes on top');
  }

  /** A process heard what became of its call. @returns whether it has recorded itself that it took effect. */
  heard(call: Call, heard: Heard): boolean {
    if (this.#nobodyMay) return false;
    const watch = this.#watch(call.host, call.key);
    if (!wasDecidedAlone(call)) return false;
    if (heard.kind === 'silence') watch.keepSilent(this.#nowMs + heard.holdMs);
    watch.aloneAtMs = this.#nowMs;
    return watch.settle(call, heard, this.#nowMs) && heard.kind === 'accepted';
  }

  /** A process returns a claim that it has not used, and holds its key. */
  givenBack(host: Host, key: string, holdMs: number): void {
    this.#bench.hit('given back by a process that was alone');
    this.#bench.fail('hold', key, this.#watch(host, key).givenBack(holdMs, this.#nowMs));
  }

  /** Only what stopped outlasts its lease: whoever runs prolongs it. */
  leaseIsOver({ host, key, identity, claim: { token } }: Call): boolean {
    if (host.alive && !host.wasFrozen) return false;
    return this.#watch(host, key).message(identity).leaseEndMs(token) < this.#nowMs;
  }

  /** Until when what a process has admitted alone, or was asked for, may make it wait, whatever the limiter answers. */
  waitsUntilMs(host: Host, key: string): number {
    if (this.#nobodyMay) return 0;
    const { leaseMs, deliverTimeoutMs, limits, marginMs } = this.#scenario;
    const { aloneAtMs, silentUntilMs } = this.#watch(host, key);
    const overMs = aloneAtMs + deliverTimeoutMs + ABORT_GRACE_MS + leaseMs;
    return Math.max(silentUntilMs, overMs + memoryMs(limits) + marginMs);
  }

  #deliveringAlone({ host, key, identity, claim: { token } }: Call, attempt: number): void {
    const { maxAttempts, leaseMs } = this.#scenario;
    const nowMs = this.#nowMs;
    const watch = this.#watch(host, key);
    const message = watch.message(identity);
    const calls = Math.max(attempt, message.startDelivery(token));
    // A process that stood still asks again when it thaws.
    const problems: readonly (readonly [Invariant, string | false | undefined])[] = [
      ['rate', watch.silence.alone(nowMs, this.#silentMs, !host.wasFrozen)],
      ['rate', watch.share.granted(nowMs, token)],
      ['hold', nowMs < watch.silentUntilMs - 1 && 'called in a silence asked for when alone'],
      ['claim', message.claim({ host, token }, nowMs, nowMs + leaseMs)],
      ['attempts', calls > maxAttempts && `attempt ${calls} alone, ${maxAttempts} are allowed`],
    ];
    for (const [invariant, problem] of problems) this.#bench.fail(invariant, identity, problem);
    watch.aloneAtMs = nowMs;
  }

  /** Whether no process may ever decide alone. */
  get #nobodyMay(): boolean {
    return this.#scenario.localShare === undefined;
  }

  /** How long the limiter must have been silent. */
  get #silentMs(): number {
    return this.#scenario.leaseMs + longestMs(this.#scenario.limits);
  }

  #watch(host: Host, key: string): AloneWatch {
    const ofHost = this.#watches.get(host) ?? new Map<string, AloneWatch>();
    this.#watches.set(host, ofHost);
    const known = ofHost.get(key) ?? new AloneWatch(this.#scenario);
    ofHost.set(key, known);
    return known;
  }

  #togetherOf(key: string): Together {
    const known = this.#together.get(key) ?? { alone: new KeyWatch(this.#scenario.limits), arrivedAtMs: [] };
    this.#together.set(key, known);
    return known;
  }

  get #nowMs(): number {
    return this.#time.clock.monotonicMs();
  }
}
