import { describeType } from './contract/describe-type.ts';

/** What is wrong with a number that may be left out, or undefined. */
export function numberProblem(found: unknown, least: number, most: number): string | undefined {
  if (found === undefined) return undefined;
  if (typeof found === 'number' && Number.isInteger(found) && found >= least && found <= most)
    return undefined;
  return `expected a whole number from ${least} to ${most}, found ${typeof found === 'number' ? found : describeType(found)}`;
}
