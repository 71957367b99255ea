import { optionProblems, type Judged } from '@huntaze/kit/checks';
import { ConfigurationError } from './errors.ts';

/** Checks what something is created with. @throws {ConfigurationError} with every problem. */
export function requireOptions(...judged: Judged): void {
  const problems = optionProblems(...judged);
  if (problems.length > 0) throw new ConfigurationError(problems);
}
