import type { AdmitRequest, Limiter, Settlement, SqsClient } from '@huntaze/rate-limiter-lambda';
import { allSafeguards, type Safeguards } from '../parts/safeguards.ts';
import type { Invariant } from '../judges/violation.ts';

/** A world without one safeguard, and the invariants that must notice. */
export interface Mutant {
  readonly without: string;
  readonly caughtBy: readonly Invariant[];
  /** The first seed that shows it, when this was written: where a search does well to begin. */
  readonly firstSeed: number;
  readonly safeguards: Safeguards;
}

export function mutant(
  without: string,
  caughtBy: readonly Invariant[],
  firstSeed: number,
  removed: Partial<Safeguards>,
): Mutant {
  return { without, caughtBy, firstSeed, safeguards: { ...allSafeguards, ...removed } };
}

export function admitting(limiter: Limiter, change: (request: AdmitRequest) => AdmitRequest): Limiter {
  return { ...limiter, admit: (request) => limiter.admit(change(request)) };
}

export function settling(limiter: Limiter, change: (settlement: Settlement) => Settlement): Limiter {
  return {
    ...limiter,
    settle: (request) => limiter.settle({ ...request, settlements: request.settlements.map(change) }),
  };
}

type Send = (command: Parameters<SqsClient['send']>[0]) => Promise<unknown>;

export function sending(
  sqs: SqsClient,
  instead: (send: Send, command: Parameters<Send>[0]) => Promise<unknown>,
): SqsClient {
  const send: Send = (command) => (sqs.send as Send)(command);
  return { send: (command: Parameters<Send>[0]) => instead(send, command) } as SqsClient;
}
