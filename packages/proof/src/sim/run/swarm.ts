import { allBranches } from '../judges/branches.ts';
import { allFaults } from '../world/faults.ts';
import { simulate, type Report } from './simulate.ts';

/** What came of many seeds. */
export interface SwarmReport {
  readonly seeds: number;
  readonly failures: readonly Report[];
  readonly steps: number;
  readonly messages: number;
  readonly invocations: number;
  /** How often each fault struck, and each branch was taken; 0 for those that never were. */
  readonly faults: ReadonlyMap<string, number>;
  readonly branches: ReadonlyMap<string, number>;
  readonly worst: {
    readonly receivesPerMessage: Figure;
    readonly mostReceives: Figure;
    readonly mostEffects: Figure;
    readonly lateCalls: Figure;
    readonly untrackedCalls: Figure;
    readonly finishShare: Figure;
  };
}

/** A figure, and the seed that it comes from. */
export interface Figure {
  readonly value: number;
  readonly seed: number;
}

/** Plays one seed. */
export type Play = (seed: number) => Promise<Report>;

/** Plays `seeds` seeds from `from` on, all of them, each by one of the players, and adds up what they show. */
export async function runSwarm(
  { from, seeds }: { from: number; seeds: number },
  players: readonly Play[] = [(seed) => simulate(seed)],
  tell: (report: Report) => void = () => {},
): Promise<SwarmReport> {
  const reports: Report[] = [];
  const left = Array.from({ length: seeds }, (_, index) => index).values();
  const playOn = async (play: Play) => {
    for (const index of left) {
      const report = await play(from + index);
      reports[index] = report;
      tell(report);
    }
  };
  await Promise.all(players.map(playOn));
  const sum = (figure: (report: Report) => number) => reports.reduce((total, one) => total + figure(one), 0);
  const most = (figure: (report: Report) => number): Figure =>
    reports
      .map((report) => ({ value: figure(report), seed: report.seed }))
      .reduce((worst, one) => (one.value > worst.value ? one : worst));
  return {
    seeds,
    failures: reports.filter(({ violation }) => violation !== undefined),
    steps: sum(({ steps }) => steps),
    messages: sum(({ scenario }) => scenario.messages),
    invocations: sum(({ invocations }) => invocations),
    faults: new Map(allFaults.map((fault) => [fault, sum(({ faults }) => faults.get(fault) ?? 0)])),
    branches: new Map(
      allBranches.map((branch) => [branch, sum(({ branches }) => branches.get(branch) ?? 0)]),
    ),
    worst: {
      receivesPerMessage: most(({ receivesPerMessage }) => receivesPerMessage),
      mostReceives: most(({ mostReceives }) => mostReceives),
      mostEffects: most(({ mostEffects }) => mostEffects),
      lateCalls: most(({ lateCalls }) => lateCalls),
      untrackedCalls: most(({ untrackedCalls }) => untrackedCalls),
      finishShare: most(({ finishShare }) => finishShare),
    },
  };
}

/** What no seed has met. */
export function neverMet({ faults, branches }: SwarmReport): readonly string[] {
  return [...faults, ...branches].flatMap(([name, times]) => (times === 0 ? [name] : []));
}
