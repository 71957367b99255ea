import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
  type IBackoff,
  type IBackoffFactory,
} from 'cockatiel';
import type { Clock } from '../contract/clock.ts';

/** `half-open`: the time for another try has come, and one request makes it. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** How a breaker is made. */
export interface BreakerOptions<Result> {
  /** Failures in a row after which it opens. */
  readonly failureThreshold: number;
  /** How long it stays open before one call may probe. */
  readonly halfOpenAfterMs: number;
  readonly clock: Clock;
  /** Which results count as failures. */
  isFailure(result: Result): boolean;
  /** Called right after every change. */
  onChange(state: BreakerState): void;
}

/** Lets calls through while they succeed. */
export interface Breaker<Result> {
  state(): BreakerState;
  /** Whether a call made now would be refused: open, or half-open while another call probes. */
  refuses(): boolean;
  /** Milliseconds until the next probe; 0 unless open. */
  probeInMs(): number;
  /** Runs a call and counts its result. A call that {@link Breaker.refuses} would refuse must not be made. */
  readonly policy: { execute(call: () => Promise<Result>): Promise<Result> };
}

/** A breaker that counts failures in a row. Its time is monotonic: steps of the wall clock do not hold it open. */
export function openBreaker<Result>(options: BreakerOptions<Result>): Breaker<Result> {
  const { failureThreshold, halfOpenAfterMs, clock, isFailure, onChange } = options;
  let openUntilMs = 0;

  const circuit = circuitBreaker(
    handleWhenResult((result) => isFailure(result as Result)),
    { breaker: new ConsecutiveBreaker(failureThreshold), halfOpenAfter: { next: open } },
  );
  circuit.onStateChange(() => onChange(stateOf(circuit.state)));

  /** Called when the circuit opens. The duration is compared with time by the wall, so it answers yes or no. */
  function open(): IBackoff<never> & IBackoffFactory<never> {
    openUntilMs = clock.monotonicMs() + halfOpenAfterMs;
    return {
      next: open,
      get duration() {
        return probeInMs() > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      },
    };
  }

  const probeInMs = () =>
    circuit.state === CircuitState.Open ? Math.max(0, openUntilMs - clock.monotonicMs()) : 0;
  const refuses = () => circuit.state === CircuitState.HalfOpen || probeInMs() > 0;

  return {
    state: () =>
      circuit.state === CircuitState.Open && probeInMs() === 0 ? 'half-open' : stateOf(circuit.state),
    refuses,
    probeInMs,
    policy: circuit,
  };
}

function stateOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half-open' : 'open';
}
