import type { Claim, Settlement } from '@huntaze/rate-limiter-lambda';
import { CallJudge } from './call-judge.ts';
import { AloneJudge } from './alone-judge.ts';
import type { Bench } from './bench.ts';
import type { Branch } from './branches.ts';
import { wasDecidedAlone, type Call, type Heard } from '../parts/call.ts';
import type { Host } from '../parts/host.ts';
import { KeyWatch } from './key-watch.ts';
import { MessageWatch, type Effect } from './message-watch.ts';
import { OrderJudge } from './order-judge.ts';
import { QueueJudge } from './queue-judge.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { limitsFor } from '../scenario/deployments.ts';
import { costOf } from '../scenario/terms.ts';
import type { Trace } from '../engine/trace.ts';
import type { Invariant, Violation } from './violation.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import { identify, type Named } from '../parts/identity.ts';

/** Leases end by two clocks, each of whole microseconds. */
const LEASE_ROUNDING_MS = 1;
/** What is finished is forgotten within so many times the time it is remembered for. */
const TWICE = 2;
const MEMORY_ROUNDING_MS = 1;

/**
 * Watches every event at the edges of the handler and knows only what it saw there: it trusts neither
 * handler nor limiter, and what arrived upstream is what counts.
 */
export class Judge implements Bench {
  /** Of what processes do without the limiter. */
  readonly alone: AloneJudge;
  readonly queue: QueueJudge;
  readonly branches = new Map<Branch, number>();
  readonly violations: Violation[] = [];
  readonly order: OrderJudge;
  readonly calls = new CallJudge(this);
  mostEffects = 0;
  lateCalls = 0;
  untrackedCalls = 0;
  readonly #time: VirtualTime;
  readonly #trace: Trace;
  readonly #scenario: Scenario;
  readonly #messages = new Map<string, MessageWatch>();
  readonly #keys = new Map<string, KeyWatch>();
  #clockSteppedBack = false;

  constructor(time: VirtualTime, trace: Trace, scenario: Scenario) {
    this.#time = time;
    this.#trace = trace;
    this.#scenario = scenario;
    this.order = new OrderJudge(this, time, scenario);
    this.alone = new AloneJudge(this, time, scenario);
    const message = (identity: string) => this.#message(identity);
    this.queue = new QueueJudge(this, time, scenario, { alone: this.alone, message });
  }

  fail(invariant: Invariant, subject: string, problem: string | false | undefined): void {
    if (!problem) return;
    const detail = `${subject}: ${problem}`;
    this.#trace.note('VIOLATION', invariant, detail);
    this.violations.push({ invariant, detail, atMs: this.#nowMs });
    this.#time.stop();
  }

  hit(branch: Branch): void {
    this.branches.set(branch, (this.branches.get(branch) ?? 0) + 1);
  }

  /** The limiter granted a claim, at this moment. */
  granted(claim: Claim & Named, host: Host, leaseMs: number): void {
    const { key, id, token, attempt } = claim;
    const identity = identify(key, claim, host.queue);
    const watch = this.#key(key);
    const message = this.#message(identity);
    message.fade(this.#nowMs, this.#scenario.rememberMs);
    const lost = message.lostClaim(this.#nowMs);
    if (lost) {
      this.hit('taken over after a lease');
      const explained = message.isUntracked(lost.token) || metByFault(watch, lost);
      this.fail('claim', identity, !explained && 'taken over although no fault met the claim before');
    }
    if (attempt > this.#scenario.maxAttempts) this.hit('attempts used up by lost claims');
    this.fail('fence', identity, token <= watch.newestToken && `token ${token} after ${watch.newestToken}`);
    this.fail('hold', identity, this.#nowMs < watch.holdUntilMs - 1 && 'granted while its key is held');
    const limits = limitsFor(this.#scenario, host.deployment, { key, id });
    this.fail('rate', identity, watch.granted(this.#nowMs, token, costOf(this.#scenario, id), limits));
    this.fail('claim', identity, message.claim({ host, token, attempt }, this.#nowMs, this.#nowMs + leaseMs));
    watch.newestToken = token;
  }

  /** The limiter took a message for one that is final, at this moment. */
  recognised(key: string, candidate: Named, host: Host): void {
    // Of what was recorded before, it counts the time anew.
    if (this.#clockSteppedBack) return;
    const identity = identify(key, candidate, host.queue);
    const { rememberMs } = this.#scenario;
    const forMs = this.#message(identity).finalForMs(this.#nowMs);
    const tooLongMs = forMs - TWICE * rememberMs - MEMORY_ROUNDING_MS;
    this.fail(
      'memory',
      identity,
      tooLongMs > 0 && `known ${forMs} ms after its end, ${rememberMs} ms were to do`,
    );
  }

  /** The limiter prolonged a claim, or refused to, at this moment. */
  renewed(claim: Pick<Claim, 'key' | 'token'> & Named, host: Host, leaseMs: number, taken: boolean): void {
    const identity = identify(claim.key, claim, host.queue);
    const message = this.#message(identity);
    const expected = message.isOpen(claim.token);
    this.fail('fence', identity, taken !== expected && `renewing was ${taken}, expected ${expected}`);
    this.hit(taken ? 'renewed' : 'not renewed, the claim was lost');
    if (expected) message.renew(claim.token, this.#nowMs + leaseMs);
  }

  /** A process hears that a claim was not prolonged: what it is about to call must not arrive any more. */
  heardLost(claim: Pick<Claim, 'key' | 'token'> & Named, host: Host): void {
    this.#message(identify(claim.key, claim, host.queue)).lose(claim.token);
  }

  /** The limiter recorded an outcome, or refused to, at this moment. */
  recorded(key: string, settlement: Settlement & Named, host: Host, taken: boolean): void {
    const { token, outcome } = settlement;
    const identity = identify(key, settlement, host.queue);
    const message = this.#message(identity);
    const expected = message.isOpen(token, outcome);
    this.fail('fence', identity, taken !== expected && `settling was ${taken}, expected ${expected}`);
    if (outcome === 'unused') this.#key(key).returned(token, costOf(this.#scenario, settlement.id));
    else this.#key(key).heardOf(token, this.#nowMs);
    if (!expected) return this.hit('record: refused, the claim was lost');
    if (message.leaseEndMs(token) < this.#nowMs) this.hit('record: taken after the lease');
    message.settle(settlement, this.#nowMs);
    if (outcome !== 'release') return this.hit(`record: ${outcome}`);
    this.#key(key).hold(this.#nowMs + settlement.holdMs);
    this.hit('record: release with a hold');
  }

  delivering(call: Call, attempt: number): void {
    const { identity, claim } = call;
    const { maxAttempts } = this.#scenario;
    this.alone.delivering(call, attempt);
    if (wasDecidedAlone(call)) return;
    const calls = Math.max(attempt, this.#message(identity).startDelivery(claim.token));
    this.fail('attempts', identity, calls > maxAttempts && `attempt ${calls}, ${maxAttempts} are allowed`);
  }

  /** A call reached the upstream, at this moment, and took effect or did not. */
  arrived(call: Call, tookEffect: boolean): void {
    const { host, key, identity, claim } = call;
    const { id, token } = claim;
    const message = this.#message(identity);
    const watch = this.#key(key);
    const cost = costOf(this.#scenario, id);
    const late = this.leaseIsOver(call);
    const wasTold = message.isLost(token) && !host.wasFrozen;
    this.fail('claim', identity, wasTold && 'called after its process heard that its claim was lost');
    if (message.isUntracked(token)) {
      this.untrackedCalls++;
      this.hit('call of a claim that the limiter lost track of');
      watch.arrivedUntracked(token, this.#nowMs, cost);
    } else if (late) {
      this.lateCalls++;
      this.hit('call after the lease of a frozen process');
      this.fail('claim', identity, !host.wasFrozen && 'called after its lease, by a process never frozen');
      watch.unaccountable.add(token);
    } else if (!wasDecidedAlone(call)) this.fail('rate', identity, watch.arrived(this.#nowMs, token, cost));
    if (!late) this.alone.arrived(call);
    if (!tookEffect) return;
    const effect = { host, token };
    if (message.hasUnknown(effect)) this.hit('took effect again, as only one process knew');
    const problem = message.takeEffect(effect, (earlier) => this.#isExplained(watch, earlier));
    this.fail('effect', identity, !late && problem);
    this.mostEffects = Math.max(this.mostEffects, message.effects);
  }

  /** A process hears what came of a call that it has not given up: its claim must be alive. */
  heard(call: Call, heard: Heard): void {
    const { host, identity, claim } = call;
    if (!wasDecidedAlone(call)) {
      const message = this.#message(identity);
      const isOver =
        message.leaseEndMs(claim.token) < this.#nowMs - LEASE_ROUNDING_MS &&
        !message.isUntracked(claim.token);
      this.fail('claim', identity, isOver && !host.wasFrozen && 'waited for its call longer than its lease');
    }
    this.replied(call, heard);
  }

  /** A process knows what became of its call, or that it has given it up, from this moment. */
  replied(call: Call, heard: Heard): void {
    const message = this.#message(call.identity);
    if (this.alone.heard(call, heard)) message.record(call.claim.token);
    if (wasDecidedAlone(call)) return;
    if (message.repliedTooLate(call.claim.token, this.#nowMs)) this.excuse(call);
  }

  /** A fault met this call that may keep its effect from being recorded. */
  excuse({ key, claim: { token } }: Pick<Call, 'key'> & { readonly claim: Pick<Claim, 'token'> }): void {
    this.#key(key).excused.add(token);
  }

  /** As {@link excuse}, for whoever has claimed this message now. */
  excuseClaimOf(identity: string): void {
    const token = this.#message(identity).newestToken;
    if (token !== undefined) this.excuse({ key: identity.split(' ')[0]!, claim: { token } });
  }

  /** The limiter lost its memory, but for messages that it knows to be final. */
  forgotten(final: readonly string[]): void {
    this.order.forgotten();
    const known = new Set(final);
    for (const [identity, message] of this.#messages) message.forget(known.has(identity), this.#nowMs);
    for (const watch of this.#keys.values()) watch.forget();
    if (this.#clockSteppedBack) this.clockSteppedBack();
  }

  clockSteppedBack(): void {
    this.order.disturbed();
    this.#clockSteppedBack = true;
    for (const watch of this.#keys.values()) watch.clockSteppedBack();
  }

  /** The limiter's clock was set forward: what it believes to be over is not. */
  clockJumped(byMs: number): void {
    this.order.disturbed();
    for (const message of this.#messages.values()) message.clockJumped(byMs);
    for (const watch of this.#keys.values()) watch.clockJumped(byMs);
  }

  /** The upstream took this message and said that it had not. */
  mislead({ key, claim: { token } }: Call): void {
    this.#key(key).unaccountable.add(token);
  }

  leaseIsOver(call: Call): boolean {
    const { identity, claim } = call;
    if (wasDecidedAlone(call)) return this.alone.leaseIsOver(call);
    return this.#message(identity).leaseEndMs(claim.token) < this.#nowMs;
  }

  /** The messages that are neither delivered nor dead letters. */
  open(): readonly string[] {
    return [...this.#messages].flatMap(([identity, message]) => (message.isFinal ? [] : [identity]));
  }

  /** At most once, no fault of ours is an excuse: only what no handler can know, or the limiter has forgotten. */
  #isExplained(watch: KeyWatch, effect: Effect): boolean {
    if (effect.forgotten || watch.unaccountable.has(effect.token)) return true;
    return this.#scenario.delivery === 'at-least-once' && metByFault(watch, effect);
  }

  #message(identity: string): MessageWatch {
    const known = this.#messages.get(identity) ?? new MessageWatch();
    this.#messages.set(identity, known);
    return known;
  }

  #key(key: string): KeyWatch {
    const known = this.#keys.get(key) ?? new KeyWatch();
    this.#keys.set(key, known);
    return known;
  }

  get #nowMs(): number {
    return this.#time.clock.monotonicMs();
  }
}

/** Whether a fault met this claim that may have kept its outcome from being recorded. */
function metByFault({ excused }: KeyWatch, { host, token }: Pick<Effect, 'host' | 'token'>): boolean {
  return !host.alive || host.wasFrozen || excused.has(token);
}
