/** What is wrong with an option that must be a whole number within bounds; nothing when it is one. */
export function wholeProblems(name: string, value: number, least: number, most: number): string[] {
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [`${name}: expected a whole number from ${least} to ${most}, found ${String(value)}`];
}
