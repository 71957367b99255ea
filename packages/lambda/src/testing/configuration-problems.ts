import { isConfigurationError } from '@huntaze/rate-limiter-client/contract';

/** The problems of the configuration error that `create` throws; none when it throws nothing. */
export function configurationProblems(create: () => unknown): readonly string[] {
  try {
    create();
  } catch (error) {
    if (isConfigurationError(error)) return error.problems;
    throw error;
  }
  return [];
}
