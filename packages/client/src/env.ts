import { ConfigurationError } from './contract/index.ts';
import { engineProblems, kindOf, nearest, problemOf, queueUrlProblem, region } from '@huntaze/kit/checks';

/** The options of a client that an environment decides: spread them into `createRateLimiterClient`. */
export interface EnvOptions {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string | undefined;
  readonly enabled: boolean;
  readonly rolloutPercent: number;
  readonly region: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What one variable says: a value, or what is wrong with it. */
type Reading<Value> = { readonly value: Value } | { readonly problem: string };

/**
 * Reads options from the environment. A variable that is empty counts as not set.
 *
 * | variable | option | default |
 * | --- | --- | --- |
 * | `SQS_RATE_LIMITER_QUEUE` | `queueUrl` | none: required |
 * | `SQS_RATE_LIMITER_DLQ` | `deadLetterQueueUrl` | none |
 * | `RATE_LIMITER_ENABLED` | `enabled`: `true`, `false`, `1` or `0` | `true` |
 * | `RATE_LIMITER_ROLLOUT_PERCENT` | `rolloutPercent`: 0 to 100 | 100 |
 * | `AWS_REGION` | `region`, for queue URLs that name none | none |
 *
 * A variable whose name is almost one of these is a problem too: a rollout that is misspelt would be one of 100 percent.
 * @throws {ConfigurationError} with every problem. It names variables and quotes no value.
 */
export function optionsFromEnv(env: Environment = process.env): EnvOptions {
  if (typeof env !== 'object' || env === null)
    throw new ConfigurationError([`env: expected an object such as process.env, found ${kindOf(env)}`]);
  const problems = [...engineProblems(), ...misspelt(env)];
  const read = <Value>(name: string, reading: (text: string | undefined) => Reading<Value>): Value => {
    const result = reading(env[name]?.trim() || undefined);
    if ('value' in result) return result.value;
    problems.push(`${name}: ${result.problem}`);
    return undefined as Value;
  };
  const queueUrl = read('SQS_RATE_LIMITER_QUEUE', requiredQueue);
  const options = {
    queueUrl,
    deadLetterQueueUrl: read('SQS_RATE_LIMITER_DLQ', (text) => deadLetterQueue(text, queueUrl)),
    enabled: read('RATE_LIMITER_ENABLED', flag),
    rolloutPercent: read('RATE_LIMITER_ROLLOUT_PERCENT', percent),
    region: read('AWS_REGION', regionName),
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return options;
}

const OUR_NAMES = [
  'SQS_RATE_LIMITER_QUEUE',
  'SQS_RATE_LIMITER_DLQ',
  'RATE_LIMITER_ENABLED',
  'RATE_LIMITER_ROLLOUT_PERCENT',
];

/** An environment holds what belongs to others, so only what was meant for us and is not ours is wrong. */
function misspelt(env: Environment): readonly string[] {
  return Object.keys(env)
    .filter((name) => !OUR_NAMES.includes(name))
    .flatMap((name) => {
      const [, ours, rest = ''] = /^((?:SQS_)?RATE_LIMITER_)(.*)$/i.exec(name) ?? [];
      const known = OUR_NAMES.filter((one) => one.startsWith(ours?.toUpperCase() ?? ' '));
      const meant = nearest(
        rest,
        known.map((one) => one.slice(ours?.length)),
      );
      return meant === undefined
        ? []
        : [
            `${name}: expected another name, found none of ours: did you mean ${ours?.toUpperCase()}${meant}?`,
          ];
    });
}

function requiredQueue(text: string | undefined): Reading<string> {
  const problem = queueUrlProblem(text);
  return problem === undefined ? { value: text ?? '' } : { problem };
}

function deadLetterQueue(text: string | undefined, queueUrl: string): Reading<string | undefined> {
  if (text === undefined) return { value: undefined };
  if (text === queueUrl)
    return { problem: 'expected another queue than SQS_RATE_LIMITER_QUEUE, found the same' };
  return requiredQueue(text);
}

const flags: Readonly<Record<string, boolean>> = { true: true, 1: true, false: false, 0: false };

function flag(text = 'true'): Reading<boolean> {
  const value = Object.hasOwn(flags, text.toLowerCase()) ? flags[text.toLowerCase()] : undefined;
  return value === undefined ? { problem: 'expected true, false, 1 or 0, found other text' } : { value };
}

function percent(text = '100'): Reading<number> {
  const value = /^\d{1,3}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return value <= 100 ? { value } : { problem: 'expected a number from 0 to 100, found other text' };
}

function regionName(text: string | undefined): Reading<string | undefined> {
  if (text === undefined || problemOf(region, text) === undefined) return { value: text };
  return { problem: 'expected the name of a region such as eu-west-1, found other text' };
}
