import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { mutant, type Mutant } from './mutant.ts';

/** Worlds in which somebody trusts a clock, a timer or a wire too much. */
export const timeMutants: readonly Mutant[] = [
  mutant('the second look at the clock: who is woken early sleeps for ever', ['liveness', 'response'], 12, {
    clock: withoutSecondLook,
  }),
  mutant(
    'the age of a question: one that comes late is taken for a clock that jumped',
    ['idle', 'order'],
    2,
    {
      lateQuestion: 'a jump of the clock',
    },
  ),
];

/** What is held sleeps again when its timer fired too early; a limit of a call never does. */
function withoutSecondLook(clock: Clock): Clock {
  return {
    ...clock,
    async sleep(ms, signal) {
      const untilMs = clock.monotonicMs() + ms;
      await clock.sleep(ms, signal);
      if (signal?.aborted || clock.monotonicMs() >= untilMs) return;
      await new Promise(() => {});
    },
  };
}
