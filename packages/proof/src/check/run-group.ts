import { runStep, type Outcome } from './run-step.ts';
import type { Step } from './steps.ts';

/** Runs every step, `atOnce` of them at a time, and tells each outcome as soon as it is known. */
export async function runGroup(
  steps: readonly Step[],
  atOnce: number,
  tell: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const waiting = steps.values();
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (const step of waiting) {
      const outcome = await runStep(step);
      tell(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
}
