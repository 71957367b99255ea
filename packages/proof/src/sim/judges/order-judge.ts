import type {
  Admission,
  AdmitRequest,
  Limit,
  RenewRequest,
  SettleRequest,
} from '@huntaze/rate-limiter-lambda';
import { allDeployments } from '../scenario/deployments.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { allLimits, memoryMs } from '../scenario/terms.ts';
import type { Bench } from './bench.ts';
import { IdleWatch } from './idle-watch.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import { KeyClock } from './key-clock.ts';
import { longestWaitMs } from './longest-wait.ts';
import { DUE_ROUNDING_MS, GRACE_MS, LineWatch } from './line-watch.ts';
import { dueProblem, grantProblem, positionProblem, waitProblem } from './order-rules.ts';
import type { Granted, Order, Waits } from './order-rules.ts';
import { PlacesWatch, subBucketMs, type Rules } from './places-watch.ts';

interface KeyOrder {
  readonly clock: KeyClock;
  readonly line: LineWatch;
  readonly places: PlacesWatch;
  readonly idle: IdleWatch;
  /** Claims whose messages are condemned: that they are dead in the end is no news. */
  readonly condemned: Set<number>;
  /** Who was told last that it waits until now: a claim that is taken over frees its old place within the question. */
  readonly toldNow: Set<string>;
  holdUntilMs: number;
}

/** Whoever waits for a place that is kept for others is told to come back no sooner. */
const LEAST_WAIT_MS = 1_000;
/** Due times are told in whole milliseconds. */
const ROUNDING_MS = 2;
/** A key is held until a millisecond later or earlier. */
const HOLD_ROUNDING_MS = 1;

/**
 * Judges who goes first, from nothing but questions and answers. A grant leaves as many places free as are claimed by
 * waiters who go before it: those of a higher priority, and those of its own who came earlier, unless it was woken at
 * its due time, nobody waits who claims several places, and fewer than there are places go before it that have yet to
 * be woken. Who asks when more places are free than that is granted.
 * And every waiter is told how many places are claimed before its own.
 */
export class OrderJudge {
  readonly #bench: Bench;
  readonly #time: VirtualTime;
  readonly #mostCost: number;
  readonly #keys = new Map<string, KeyOrder>();
  readonly #longestMs: number;
  /** Whether deployments ask under different limits: how many places are free for one at least, others decide. */
  readonly #isUneven: boolean;
  /** The history of a key is kept for all who ask: in sub-buckets also where an exact window looks at it. */
  readonly #longestSubBucketMs: number;
  #hasForgotten = false;
  #firstAskedMs: number | undefined;

  constructor(bench: Bench, time: VirtualTime, scenario: Scenario) {
    this.#bench = bench;
    this.#time = time;
    this.#mostCost = scenario.mostCost;
    const windows = allDeployments(scenario).flatMap((one) => allLimits(one));
    this.#longestMs = Math.max(0, ...windows.map((limit) => ('windowMs' in limit ? limit.windowMs : 0)));
    this.#isUneven = scenario.deployments.length > 0;
    this.#longestSubBucketMs = this.#isUneven ? Math.max(...windows.map(longestSubBucketMs)) : 0;
  }

  /** The limiter answered, at this moment by its clock. */
  decided(request: AdmitRequest, admissions: readonly Admission[], clockMs: number): void {
    const { key, limits, candidates, agingMs = 0, leaseMs } = request;
    if (this.#hasForgotten) this.#firstAskedMs = Math.min(clockMs, this.#firstAskedMs ?? clockMs);
    const { clock, line, places, toldNow, holdUntilMs } = this.#key(key);
    const nowMs = clock.tick(clockMs);
    const rules = { ...request, unknownUntilMs: this.#unknownUntilMs(clock) };
    line.asked(nowMs, new Set(candidates.map(({ id }) => id)));
    const costly = line.costly().filter((id) => line.waiter(id)?.isSure);
    const { granted, waits } = sort(line, request, admissions, nowMs);
    const isStrict = costly.some((id) => line.waiter(id));
    const isGathering = line.costlyHead(granted.map(({ dueMs }) => dueMs)) !== undefined;
    const order = {
      line,
      nowMs,
      agingMs,
      isStrict,
      isGathering,
      places: placesInAll(limits),
      candidates: candidates.length,
    };
    this.#judgeGrants(key, granted, order, (atMs) => places.free(rules, atMs).most);
    const claims = granted.map(({ claim: { token }, cost }) => ({ token, cost }));
    places.granted(claims, rules, nowMs, leaseMs);
    const isHeld = nowMs < holdUntilMs + HOLD_ROUNDING_MS;
    this.#judgeIdle(key, { granted, waits }, rules, nowMs);
    this.#judgeWaits(key, waits, order, () =>
      isHeld || this.#isUneven ? 0 : places.free(rules, nowMs).least,
    );
    // A clock that was set back may show an instant before the end of a delivery: due times are off then.
    if (!clock.wasSetBack && waits.length > 1) {
      const { most } = places.free(rules, nowMs);
      const keptUntilMs = clockMs + LEAST_WAIT_MS;
      this.#bench.fail('order', key, dueProblem(waits, this.#roundingMs(request), most, keptUntilMs));
    }
    for (const { id, cost, wait } of waits) {
      const forMs = wait.dueAtMs - clockMs - Math.max(0, holdUntilMs - nowMs);
      const mostMs = longestWaitMs(request, wait.position + cost, this.#mostCost) + ROUNDING_MS;
      const isNow = wait.dueAtMs <= clockMs;
      const again = isNow && toldNow.has(id) && 'told to wait for now, twice in a row';
      this.#bench.fail('due-time', `${key} ${id}`, again);
      toldNow[isNow ? 'add' : 'delete'](id);
      const tooLong = `told to wait ${Math.round(forMs)} ms at position ${wait.position}, ${Math.round(mostMs)} ms are due`;
      this.#bench.fail('due-time', `${key} ${id}`, forMs > mostMs && tooLong);
      line.expect(id, nowMs + wait.dueAtMs - clockMs, places.free(rules, nowMs).most < cost);
    }
    line.answered(nowMs);
  }

  /** The limiter recorded outcomes, or refused to, at this moment by its clock. */
  recorded({ key, settlements }: SettleRequest, taken: readonly boolean[], clockMs: number): void {
    const known = this.#key(key);
    const nowMs = known.clock.hear(clockMs);
    for (const [index, settlement] of settlements.entries()) {
      const { id, token, outcome } = settlement;
      if (taken[index] && outcome === 'dead' && known.condemned.delete(token)) continue;
      known.places.settled(settlement, taken[index]!, nowMs);
      if (!taken[index]) continue;
      if (outcome === 'condemned') known.condemned.add(token);
      if (outcome === 'delivered' || outcome === 'dead' || outcome === 'condemned') known.line.final(id);
      if (outcome === 'release') known.holdUntilMs = Math.max(known.holdUntilMs, nowMs + settlement.holdMs);
    }
  }

  /** The limiter prolonged claims, or refused to, at this moment by its clock. */
  renewed({ key, claims, leaseMs }: RenewRequest, taken: readonly boolean[], clockMs: number): void {
    const { clock, places } = this.#key(key);
    const nowMs = clock.hear(clockMs);
    for (const [index, claim] of claims.entries()) places.renewed(claim, taken[index]!, nowMs, leaseMs);
  }

  /** Until this moment there was a reason for messages to wait whatever the limits: nobody answered, or nobody asked. */
  disturbed(key?: string): void {
    for (const [name, { idle }] of this.#keys) if (key === undefined || key === name) idle.disturbed();
  }

  /** The queue has no message of this identity any more. */
  left(identity: string): void {
    const [key = '', ...label] = identity.split(' ');
    this.#keys.get(key)?.idle.left(label.join(' '));
  }

  /** The limiter lost its memory. */
  forgotten(): void {
    this.disturbed();
    this.#keys.clear();
    this.#hasForgotten = true;
    this.#firstAskedMs = undefined;
  }

  #judgeGrants(key: string, granted: readonly Granted[], order: Order, free: (atMs: number) => number): void {
    if (granted.length === 0) return;
    let left = free(order.nowMs);
    let unkept = free(order.nowMs - GRACE_MS);
    const firstDueMs = order.line.firstSurelyDueMs();
    // Tokens grow in the order in which places were taken.
    const inTurn = granted.toSorted((a, b) => a.claim.token - b.claim.token);
    for (const [index, one] of inTurn.entries()) {
      const told = inTurn.slice(index).map(({ dueMs = Number.POSITIVE_INFINITY }) => dueMs);
      // Nobody who stands in line comes soon: more is allowed than when they were told their due times.
      const sleepsMs = Math.min(firstDueMs, ...told) + DUE_ROUNDING_MS - order.nowMs;
      const unclaimed = sleepsMs > GRACE_MS ? left : unkept;
      this.#bench.fail('order', `${key} ${one.id}`, grantProblem(one, order, left, unclaimed));
      left -= one.cost;
      unkept -= one.cost;
    }
  }

  #judgeIdle(
    key: string,
    { granted, waits }: { readonly granted: readonly Granted[]; readonly waits: readonly Waits[] },
    rules: Rules,
    keyMs: number,
  ): void {
    const { idle, places, line, holdUntilMs } = this.#key(key);
    const nowMs = this.#time.clock.monotonicMs();
    if (keyMs < holdUntilMs + HOLD_ROUNDING_MS) return idle.disturbed();
    if (granted.length > 0) return this.#bench.fail('idle', `${key} ${granted[0]!.id}`, idle.granted(nowMs));
    const asked = waits[0];
    if (!asked) return;
    const isKept = line.costly().length > 0;
    const keptForMs = isKept ? Math.max(0, line.lastDueMs() - keyMs) + GRACE_MS : 0;
    const ids = waits.map(({ id }) => id);
    const problem = idle.waits(ids, places, rules, this.#mostCost, { keyMs, nowMs, keptForMs });
    this.#bench.fail('idle', `${key} ${asked.id}`, problem);
  }

  #judgeWaits(key: string, waits: readonly Waits[], order: Order, free: () => number): void {
    if (waits.length === 0) return;
    const left = free();
    for (const one of waits) {
      const identity = `${key} ${one.id}`;
      this.#bench.fail('order', identity, waitProblem(one, order, left));
      this.#bench.fail('order', identity, positionProblem(one, order));
    }
  }

  /** By the clock of a key; it was carried on where the limiter's was set back. */
  #unknownUntilMs({ skewMs }: KeyClock): Rules['unknownUntilMs'] {
    return this.#firstAskedMs === undefined ? undefined : this.#firstAskedMs + skewMs;
  }

  /** Sub-buckets are told from when they begin, and last until they end. Others may have asked for longer ones. */
  #roundingMs({ limits, marginMs }: AdmitRequest): number {
    const own = limits.map((limit) => (limit.kind === 'sliding-window' ? subBucketMs(limit, marginMs) : 0));
    return Math.max(this.#longestSubBucketMs, ...own);
  }

  #key(key: string): KeyOrder {
    const clock = new KeyClock();
    const known = this.#keys.get(key) ?? {
      clock,
      line: new LineWatch(),
      places: new PlacesWatch(this.#longestMs),
      idle: new IdleWatch(),
      condemned: new Set<number>(),
      toldNow: new Set<string>(),
      holdUntilMs: 0,
    };
    this.#keys.set(key, known);
    return known;
  }
}

/** Buckets have few, as they only look at the past when they are new. */
function longestSubBucketMs(limit: Limit): number {
  if (limit.kind === 'sliding-window') return subBucketMs({ ...limit, exact: false }, 0);
  return memoryMs([limit]) / 8;
}

function placesInAll(limits: AdmitRequest['limits']): number {
  return Math.min(...limits.map((limit) => (limit.kind === 'sliding-window' ? limit.limit : limit.capacity)));
}

/** Gives everybody a place, in the order of the question, and takes out of the line who was granted. */
function sort(
  line: LineWatch,
  { candidates }: AdmitRequest,
  admissions: readonly Admission[],
  nowMs: number,
): { readonly granted: readonly Granted[]; readonly waits: readonly Waits[] } {
  const granted: Granted[] = [];
  const waits: Waits[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const admission = admissions[index]!;
    const before = line.waiter(candidate.id);
    const { id, cost = 1 } = candidate;
    const asked = { id, cost, dueMs: before?.dueMs, stoodInLine: before?.isSure === true };
    if (admission.kind === 'granted')
      granted.push({ ...asked, place: line.leave(candidate, nowMs), claim: admission.claim });
    if (admission.kind === 'wait')
      waits.push({ ...asked, place: line.join(candidate, nowMs), wait: admission });
  }
  return { granted, waits };
}
