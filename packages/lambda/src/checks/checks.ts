import { optionProblems, type Judged } from '@huntaze/kit/checks';
import { ConfigurationError } from '@huntaze/rate-limiter-client/contract';

/** What options must be: one rule for all packages (decision 47). */
export * from '@huntaze/kit/checks';
export { regionOf } from '@huntaze/kit';

/** Checks what something is created with. @throws {ConfigurationError} with every problem. */
export function requireOptions(...judged: Judged): void {
  const problems = optionProblems(...judged);
  if (problems.length > 0) throw new ConfigurationError(problems);
}
