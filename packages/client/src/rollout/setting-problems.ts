import { describeType } from '../contract/describe-type.ts';

/** What is wrong with a flag, or undefined. */
export function flagProblem(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : `expected true or false, found ${describeType(value)}`;
}

/** What is wrong with a percentage, or undefined. */
export function percentProblem(value: unknown): string | undefined {
  if (typeof value === 'number' && value >= 0 && value <= 100) return undefined;
  return `expected a number from 0 to 100, found ${typeof value === 'number' ? value : describeType(value)}`;
}

/** What is wrong with a setting that may be left out, or given as a function, whose answers are checked later. */
export function settingProblem(
  setting: unknown,
  problemOf: (value: unknown) => string | undefined,
): string | undefined {
  return setting === undefined || typeof setting === 'function' ? undefined : problemOf(setting);
}
