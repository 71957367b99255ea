import { createHandler } from '@huntaze/rate-limiter-lambda';
import { payloadSchema, planArrivals } from '../world/arrivals.ts';
import type { Branch } from '../judges/branches.ts';
import { USUAL } from '../scenario/circumstances.ts';
import { Consumers } from '../world/consumers.ts';
import { planEpisodes } from '../world/episodes.ts';
import { drawFaults, type Fault, type Faults } from '../world/faults.ts';
import type { Host } from '../parts/host.ts';
import { Judge } from '../judges/judge.ts';
import { limiterLink } from '../world/limiter-link.ts';
import { startLimiter } from '../world/limiter-service.ts';
import { Queue } from '../world/queue.ts';
import { seededRandom } from '../engine/random.ts';
import { allSafeguards, type Safeguards } from '../parts/safeguards.ts';
import { drawScenario, type Scenario } from '../scenario/scenario.ts';
import { sqsLink } from '../world/sqs-link.ts';
import { planStall, type Stall } from '../world/stall.ts';
import { limitsFor } from '../scenario/deployments.ts';
import { planOperators } from '../world/operators.ts';
import { planRollout } from '../world/rollout.ts';
import { costOf } from '../scenario/terms.ts';
import { timeToFinishMs } from '../judges/time-to-finish.ts';
import { openTrace } from '../engine/trace.ts';
import { deliverFrom, type OnArrival } from '../world/upstream.ts';
import type { Violation } from '../judges/violation.ts';
import { virtualTime } from '../engine/virtual-time.ts';
import type { World } from '../world/world.ts';

/** What came of one seed. */
export interface Report {
  readonly seed: number;
  readonly scenario: Scenario;
  /** What broke first, if anything did. */
  readonly violation: Violation | undefined;
  readonly traceHash: string;
  readonly steps: number;
  readonly invocations: number;
  readonly billedMs: number;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly branches: ReadonlyMap<Branch, number>;
  readonly receivesPerMessage: number;
  readonly mostReceives: number;
  /** Most calls for one message that took effect: more than 1 only where a fault explains it. */
  readonly mostEffects: number;
  /** Calls that a frozen process made after its lease: no limiter can hold these. */
  readonly lateCalls: number;
  /** Calls whose claims the limiter had lost track of before they arrived. */
  readonly untrackedCalls: number;
  /** From the end of all faults until nothing was left, over the time allowed for it. */
  readonly finishShare: number;
}

export interface SimulationOptions {
  /** What stands between the parts. Default: everything that production has. */
  readonly safeguards?: Safeguards;
  readonly print?: (line: string) => void;
  /** Default: drawn from the seed. */
  readonly scenario?: Scenario;
  /** Default: drawn from the seed. */
  readonly faults?: Faults;
  readonly onArrival?: OnArrival;
  /** Default: none. */
  readonly stall?: Stall | undefined;
}

/** SQS quotas, "Messages per queue (in flight)". */
const MOST_IN_FLIGHT = 120_000;

/** Plays one seed: the real handler and the real memory limiter in a world that goes wrong as drawn. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Report> {
  const { safeguards = allSafeguards, onArrival = () => {} } = options;
  const random = seededRandom(seed);
  const time = virtualTime(random.fork());
  const drawn = { scenario: drawScenario(random.fork()), faults: drawFaults(random.fork()) };
  const { scenario, faults } = { ...drawn, ...options };
  const trace = openTrace(() => time.clock.monotonicMs(), options.print);
  const judge = new Judge(time, trace, scenario);
  const world: World = {
    time,
    random,
    trace,
    faults,
    scenario,
    judge,
    upstream: { slowMs: 0, stalledUntilMs: 0 },
  };
  trace.note('scenario', JSON.stringify(scenario));

  const queues = scenario.secondQueue ? [new Queue(world), new Queue(world, 'other')] : [new Queue(world)];
  if (scenario.secondQueue) faults.count('second-queue');
  if (scenario.rememberMs < USUAL.rememberMs) faults.count('short-memory');
  const service = startLimiter(world, safeguards);
  const localShare = scenario.localShare && safeguards.localShare(scenario.localShare);
  const makeHandler = (host: Host, queue: Queue) =>
    safeguards.handler(
      createHandler({
        deliver: deliverFrom(world, host, onArrival),
        limits:
          scenario.tiers.length > 0 || scenario.rollout === 'by-message'
            ? (message) => limitsFor(scenario, host.deployment, message)
            : host.deployment.limits,
        cost: ({ id }) => costOf(scenario, id),
        agingMs: scenario.agingMs,
        limiter: safeguards.seenLimiter(limiterLink(world, host, service), host.clock, scenario),
        sqs: safeguards.seenSqs(sqsLink(world, host, queue), scenario),
        payload: payloadSchema,
        queueUrl: `http://sqs/000000000000/${queue.name}`,
        deadLetterQueueUrl: 'http://sqs/000000000000/dead-letters',
        clock: safeguards.clock(host.clock),
        random: random.fork(),
        concurrency: scenario.concurrency,
        inlineHoldMs: scenario.inlineHoldMs,
        inFlightShare: scenario.mostInFlight / MOST_IN_FLIGHT,
        leaseMs: host.deployment.leaseMs,
        deliverTimeoutMs: host.deployment.deliverTimeoutMs,
        delivery: scenario.delivery,
        onLimiterUnavailable: localShare === undefined ? 'park' : { localShare },
        timeoutMs: scenario.timeoutMs,
        marginMs: host.deployment.marginMs,
        maxAttempts: scenario.maxAttempts,
        backoff: { initialDelayMs: 500, maxDelayMs: scenario.longestBackoffMs },
        onEvent(event) {
          if (event.kind === 'limiter-unavailable') judge.queue.unanswered(host, event.key);
        },
      }),
    );
  const consumers = new Consumers(world, queues, makeHandler);
  const arrivals = planArrivals(world, queues);
  planRollout(world, consumers);
  planOperators(world, queues[0]!, arrivals);
  planEpisodes(world, { consumers, service });
  if (options.stall) planStall(world, consumers, options.stall);
  const finish = await runToTheEnd(world, queues);

  return {
    seed,
    scenario,
    violation: judge.violations[0],
    traceHash: trace.hash,
    steps: time.steps,
    invocations: consumers.invocations,
    billedMs: consumers.billedMs,
    faults: faults.counts,
    branches: judge.branches,
    receivesPerMessage: judge.queue.receives / judge.queue.sentMessages,
    mostReceives: judge.queue.mostReceives,
    mostEffects: judge.mostEffects,
    lateCalls: judge.lateCalls,
    untrackedCalls: judge.untrackedCalls,
    finishShare: finish,
  };
}

/** Runs until the faults have ended and the queue is empty, or for as long as that may take. */
async function runToTheEnd(
  { time, faults, judge, scenario }: World,
  queues: readonly Queue[],
): Promise<number> {
  const startMs = time.clock.nowMs();
  const faultsEndMs = startMs + Math.max(scenario.faultsMs, scenario.arrivalsMs + 60_000);
  let allowedMs = Number.POSITIVE_INFINITY;
  time.after(faultsEndMs - startMs, () => {
    faults.end();
    allowedMs = timeToFinishMs(scenario, judge.open());
    const stopWhenEmpty = () => queues.every(({ size }) => size === 0) && time.stop();
    stopWhenEmpty();
    for (const queue of queues) queue.whenEmpty(stopWhenEmpty);
    time.after(allowedMs, () => {
      const left = queues.flatMap((queue) => queue.left());
      judge.fail(
        'liveness',
        `${left.length} messages`,
        `not final ${Math.round(allowedMs / 1_000)} s after the last fault, such as ${left[0]}`,
      );
    });
  });
  await time.run(Number.POSITIVE_INFINITY);
  judge.fail('liveness', 'the run', time.standsStill && 'something goes on and on without any time passing');
  const open = judge.open();
  if (judge.violations.length === 0)
    judge.fail(
      'conservation',
      String(open[0]),
      open.length > 0 && 'neither delivered, nor queued, nor a dead letter',
    );
  return (time.clock.nowMs() - faultsEndMs) / allowedMs;
}
