import { ConfigurationError, isConfigurationError } from '@huntaze/rate-limiter-client';
import { optionsFromEnv, type EnvOptions } from '@huntaze/rate-limiter-client/env';

/** What the service is told by its environment variables. */
export interface Settings {
  /** `SQS_RATE_LIMITER_QUEUE` and its companions. */
  readonly client: EnvOptions;
  readonly deadLetterQueueUrl: string;
  readonly redisUrl: string;
  /** The table of the fallback store. */
  readonly tableName: string;
  readonly upstreamUrl: string;
  /** What callers must bring along as a bearer token. */
  readonly apiToken: string;
  readonly port: number;
  /** Messages of one account in any window. */
  readonly limit: number;
  readonly windowMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {ConfigurationError} with every problem of the environment. */
export function readSettings(environment: Environment): Settings {
  const problems: string[] = [];
  const text = (name: string) => {
    const value = environment[name] ?? '';
    if (value === '') problems.push(`${name}: expected a text, found none`);
    return value;
  };
  const whole = (name: string, otherwise: number) => {
    const value = Number(environment[name] ?? otherwise);
    if (!Number.isSafeInteger(value) || value < 1) {
      problems.push(`${name}: expected a whole number above 0, found something else`);
    }
    return value;
  };
  const settings = {
    deadLetterQueueUrl: text('SQS_RATE_LIMITER_DLQ'),
    redisUrl: text('REDIS_URL'),
    tableName: text('FALLBACK_TABLE'),
    upstreamUrl: text('UPSTREAM_URL'),
    apiToken: text('API_TOKEN'),
    port: whole('PORT', 3000),
    limit: whole('RATE_LIMIT', 10),
    windowMs: whole('RATE_WINDOW_SECONDS', 60) * 1_000,
  };
  const client = clientOptions(environment, problems);
  if (client === undefined || problems.length > 0) throw new ConfigurationError(problems);
  return { ...settings, client };
}

/** Adds its problems to the others, so that one error tells of all. */
function clientOptions(environment: Environment, problems: string[]): EnvOptions | undefined {
  try {
    return optionsFromEnv(environment);
  } catch (error) {
    if (!isConfigurationError(error)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
