import { ConfigurationError } from '@huntaze/rate-limiter-lambda';

/** Where messages go. */
export interface UpstreamSettings {
  readonly url: string;
  readonly token: string;
}

/** What the function is told by its environment variables: `terraform/function.tf` sets them. */
export interface Settings {
  readonly redisUrl: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Messages of one account in any window. */
  readonly limit: number;
  readonly windowMs: number;
  readonly upstream: UpstreamSettings;
}

/**
 * Reads and checks the environment, once per cold start.
 * @throws {ConfigurationError} with every problem.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const text = (name: string) => {
    const value = environment[name] ?? '';
    if (value === '') problems.push(`${name}: expected a text, found none`);
    return value;
  };
  const whole = (name: string, otherwise: number) => {
    const value = Number(environment[name] ?? otherwise);
    if (Number.isSafeInteger(value) && value > 0) return value;
    problems.push(`${name}: expected a whole number above 0, found something else`);
    return otherwise;
  };
  const settings = {
    redisUrl: text('REDIS_URL'),
    queueUrl: text('SQS_RATE_LIMITER_QUEUE'),
    deadLetterQueueUrl: text('SQS_RATE_LIMITER_DLQ'),
    limit: whole('RATE_LIMIT', 10),
    windowMs: whole('RATE_WINDOW_SECONDS', 60) * 1_000,
    upstream: { url: text('UPSTREAM_URL'), token: text('UPSTREAM_TOKEN') },
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return settings;
}
