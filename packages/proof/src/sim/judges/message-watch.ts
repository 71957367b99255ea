import type { Settlement } from '@huntaze/rate-limiter-lambda';
import type { Host } from '../parts/host.ts';

/** A call that reached the upstream and took effect. */
export interface Effect {
  readonly host: Host;
  readonly token: number;
  recorded: boolean;
  /** Whether the limiter has lost its memory, or its sense of time, since. */
  forgotten: boolean;
}

interface SeenClaim {
  readonly host: Host;
  readonly token: number;
  leaseEndMs: number;
  settled: boolean;
}

/** Clocks count in microseconds and round: instants nearer than this are the same. */
const ROUNDING_MS = 0.01;
/** A reply this shortly before the end of the lease may be recorded too late for it. */
const TOO_SHORT_MS = 1_000;

/** What is seen of one message. */
export class MessageWatch {
  readonly #leaseEndsMs = new Map<number, number>();
  readonly #started = new Set<number>();
  readonly #untracked = new Set<number>();
  readonly #lost = new Set<number>();
  readonly #effects: Effect[] = [];
  #newest: SeenClaim | undefined;
  #outcome: 'delivered' | 'dead' | 'condemned' | undefined;
  #notBeforeMs = 0;
  /** When its outcome was recorded. */
  #finalAtMs = Number.POSITIVE_INFINITY;
  /** How many claims count as attempts: a call failed, or nobody said what became of it. */
  #attempts = 0;
  #buried = false;
  #vanished = false;
  /** Since when it counts anew: what took effect before is done with. */
  #livesFromEffect = 0;

  /** Delivered, a dead letter, or taken from its queue by somebody else. */
  get isFinal(): boolean {
    return this.#buried || this.#vanished || this.#effects.length > this.#livesFromEffect;
  }

  get effects(): number {
    return this.#effects.length;
  }

  bury(): void {
    this.#buried = true;
  }

  /** Somebody took it out of its queue who is no process of ours. */
  vanish(): void {
    this.#vanished = true;
  }

  /** Somebody sends its dead letter back to the queue: a new life of the same message. */
  revive(nowMs: number, rememberMs: number): void {
    // Its letter carries the next life: while that is remembered, a copy of the old life is a duplicate.
    if (this.#outcome === 'dead' && this.finalForMs(nowMs) <= 2 * rememberMs) return;
    // A copy of what was delivered: it went to the dead letters because it was not deleted in time, or as one of two.
    if (this.#effects.length > this.#livesFromEffect) return;
    this.#buried = false;
    this.#vanished = false;
    this.#livesFromEffect = this.#effects.length;
    // A letter that is not known to be sent is sent again.
    if (this.#outcome !== 'condemned') this.#outcome = undefined;
    this.#finalAtMs = Number.POSITIVE_INFINITY;
    this.#attempts = 0;
    this.#notBeforeMs = 0;
    this.#started.clear();
    for (const effect of this.#effects) effect.forgotten = true;
  }

  get newestToken(): number | undefined {
    return this.#newest?.token;
  }

  /** Its newest claim, if that ran out without a word. */
  lostClaim(nowMs: number): Pick<SeenClaim, 'host' | 'token'> | undefined {
    const newest = this.#newest;
    return newest?.settled === false && newest.leaseEndMs <= nowMs + ROUNDING_MS ? newest : undefined;
  }

  /** Whether the limiter does not know any more how this claim stands. */
  isUntracked(token: number): boolean {
    return this.#untracked.has(token);
  }

  /** Its process has heard that this claim is not its own any more. */
  lose(token: number): void {
    this.#lost.add(token);
  }

  isLost(token: number): boolean {
    return this.#lost.has(token);
  }

  /** The limiter remembers nothing of it, but perhaps that it is final: from then on anew. */
  forget(knownFinal: boolean, nowMs: number): void {
    if (knownFinal) {
      this.#finalAtMs = nowMs;
      return;
    }
    this.#loseTrack();
    this.#newest = undefined;
    this.#outcome = undefined;
    this.#finalAtMs = Number.POSITIVE_INFINITY;
    this.#attempts = 0;
    this.#notBeforeMs = 0;
    this.#started.clear();
    for (const effect of this.#effects) effect.forgotten ||= !isAlone(effect);
  }

  clockJumped(byMs: number): void {
    this.#loseTrack();
    if (this.#newest) this.#newest.leaseEndMs -= byMs;
    for (const [token, endMs] of this.#leaseEndsMs) this.#leaseEndsMs.set(token, endMs - byMs);
    this.#notBeforeMs -= byMs;
    this.#finalAtMs -= byMs;
    for (const effect of this.#effects) effect.forgotten ||= !effect.recorded && !isAlone(effect);
  }

  #loseTrack(): void {
    for (const token of this.#leaseEndsMs.keys()) this.#untracked.add(token);
  }

  leaseEndMs(token: number): number {
    return this.#leaseEndsMs.get(token) ?? 0;
  }

  /** @returns why this claim must not have been granted, if it must not. */
  claim(
    { host, token, attempt }: Pick<SeenClaim, 'host' | 'token'> & { readonly attempt?: number },
    nowMs: number,
    leaseEndMs: number,
  ): string | undefined {
    const before = this.#newest;
    if (before?.settled === false) this.#attempts++;
    this.#newest = { host, token, leaseEndMs, settled: false };
    this.#leaseEndsMs.set(token, leaseEndMs);
    if (this.#outcome) return `granted although it is ${this.#outcome}`;
    if (before && !before.settled && nowMs < before.leaseEndMs - ROUNDING_MS)
      return 'granted while another claim is alive';
    if (nowMs < this.#notBeforeMs - ROUNDING_MS) return 'granted before its next attempt is due';
    if (attempt !== undefined && attempt <= this.#attempts)
      return `granted as attempt ${attempt} after ${this.#attempts} attempts`;
    return undefined;
  }

  /** For how long it has been final. */
  finalForMs(nowMs: number): number {
    return nowMs - this.#finalAtMs;
  }

  /** What was final for longer than it is remembered for may be forgotten: then it is as if nobody had sent it before. */
  fade(nowMs: number, rememberMs: number): void {
    if (this.finalForMs(nowMs) >= rememberMs) this.forget(false, nowMs);
  }

  /** Whether this token may still settle it so. */
  isOpen(token: number, outcome?: Settlement['outcome']): boolean {
    if (this.#newest?.token !== token) return false;
    return !this.#newest.settled || (this.#outcome === 'condemned' && outcome === 'dead');
  }

  renew(token: number, leaseEndMs: number): void {
    this.#leaseEndsMs.set(token, leaseEndMs);
    if (this.#newest?.token === token) this.#newest.leaseEndMs = leaseEndMs;
  }

  settle(settlement: Settlement, nowMs: number): void {
    const { outcome, token } = settlement;
    if (this.#newest) this.#newest.settled = true;
    if (outcome === 'delivered' || outcome === 'dead' || outcome === 'condemned') this.#outcome = outcome;
    if (outcome === 'delivered' || outcome === 'dead') this.#finalAtMs = nowMs;
    else if (outcome === 'retry') this.#attempts++;
    if (outcome === 'retry') this.#notBeforeMs = nowMs + settlement.retryAfterMs;
    // The upstream asked for silence: that call was no attempt.
    if (outcome === 'release' || outcome === 'unused') this.#started.delete(token);
    if (this.#outcome) this.record(token);
  }

  /** The effect of this claim is known, to the limiter or to the process that decided on it alone. */
  record(token: number): void {
    for (const effect of this.#effects) if (effect.token === token) effect.recorded = true;
  }

  /** @returns how many calls count as attempts. */
  startDelivery(token: number): number {
    this.#started.add(token);
    return this.#started.size;
  }

  /** Whether it took effect before, in a way that whoever decided on this call cannot know of. */
  hasUnknown(effect: Pick<Effect, 'host' | 'token'>): boolean {
    return this.#effects.some((earlier) => !canBeKnown(earlier, effect));
  }

  /**
   * @param isExplained whether a fault may have kept an earlier effect from being recorded.
   * @returns why this call must not have taken effect, if it must not.
   */
  takeEffect(
    effect: Pick<Effect, 'host' | 'token'>,
    isExplained: (earlier: Effect) => boolean,
  ): string | undefined {
    const unexplained = this.#effects.find(
      (earlier) =>
        canBeKnown(earlier, effect) && ((earlier.recorded && !earlier.forgotten) || !isExplained(earlier)),
    );
    this.#effects.push({ ...effect, recorded: false, forgotten: this.isUntracked(effect.token) });
    if (!unexplained) return undefined;
    return unexplained.recorded && !unexplained.forgotten
      ? 'took effect again although that was recorded'
      : 'took effect again, and no fault explains why';
  }

  /** @returns whether the reply came too late to be recorded for certain. */
  repliedTooLate(token: number, nowMs: number): boolean {
    return this.leaseEndMs(token) - nowMs < TOO_SHORT_MS;
  }
}

/** Whether a process had decided alone on the call that took this effect. */
function isAlone({ token }: Pick<Effect, 'token'>): boolean {
  return token < 0;
}

/** Of what a process delivers alone only itself can know; alone, it knows of nothing else. */
function canBeKnown(earlier: Effect, later: Pick<Effect, 'host' | 'token'>): boolean {
  return isAlone(earlier) ? earlier.host === later.host : !isAlone(later);
}
