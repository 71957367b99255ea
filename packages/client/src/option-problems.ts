import { describeType } from './contract/describe-type.ts';
import { numberProblem } from './number-problem.ts';
import { flagProblem, percentProblem, settingProblem } from './rollout/setting-problems.ts';
import { isFifo, queueUrlProblem } from './transport/queue-url.ts';

/** The methods that each port must have. */
const ports = {
  sqs: ['send'],
  fallbackStore: ['save', 'claim', 'markReplayed', 'markFailed', 'counts'],
  clock: ['nowMs', 'monotonicMs', 'sleep'],
  ids: ['next'],
  random: ['next'],
  logger: ['debug', 'info', 'warn', 'error'],
  metrics: ['record'],
  tracer: ['startSpan'],
} as const;

const MAX_BATCH_CONCURRENCY = 32;

/** The numbers among the options: what they are called, and the least and the most that each may be. */
const numbers: readonly (readonly [option: string, least: number, most: number])[] = [
  ['fallbackAfterMs', 1, 60_000],
  ['retry.maxAttempts', 1, 10],
  ['retry.initialDelayMs', 0, 60_000],
  ['retry.maxDelayMs', 0, 3_600_000],
  ['breaker.failureThreshold', 1, 1_000],
  ['breaker.halfOpenAfterMs', 1, 86_400_000],
  ['timeoutMs', 1, 600_000],
  ['coalesce.maxWaitMs', 0, 1_000],
];

/** Options that hold options. */
const groups = ['retry', 'breaker', 'coalesce'] as const;

type Option =
  | 'queueUrl'
  | 'deadLetterQueueUrl'
  | 'region'
  | 'payload'
  | 'schemaMessages'
  | 'batchConcurrency'
  | 'enabled'
  | 'rolloutPercent'
  | 'bypass'
  | 'onEvent'
  | (typeof groups)[number]
  | keyof typeof ports;
type Given = Readonly<Partial<Record<Option, unknown>>>;

/** Everything that is wrong with options of unknown origin: where, what was expected, what was found. */
export function optionProblems(options: Given): readonly string[] {
  return [
    named('queueUrl', queueUrlProblem(options.queueUrl)),
    named('deadLetterQueueUrl', deadLetterQueueProblem(options)),
    named('region', regionProblem(options.region)),
    named('payload', schemaProblem(options.payload)),
    named(
      'schemaMessages',
      options.schemaMessages === undefined ? undefined : flagProblem(options.schemaMessages),
    ),
    named('batchConcurrency', concurrencyProblem(options)),
    ...groups.map((group) => named(group, groupProblem(options[group]))),
    ...numbers.map(([option, least, most]) => named(option, numberProblem(at(options, option), least, most))),
    named('enabled', settingProblem(options.enabled, flagProblem)),
    named('rolloutPercent', settingProblem(options.rolloutPercent, percentProblem)),
    named('bypass', bypassProblem(options)),
    named('onEvent', listenerProblem(options.onEvent)),
    ...Object.entries(ports).map(([name, methods]) =>
      named(name, portProblem(options[name as keyof typeof ports], methods)),
    ),
  ].filter((problem) => problem !== undefined);
}

function named(option: string, problem: string | undefined): string | undefined {
  return problem && `${option}: ${problem}`;
}

function deadLetterQueueProblem({ queueUrl, deadLetterQueueUrl }: Given): string | undefined {
  if (deadLetterQueueUrl === undefined) return undefined;
  if (deadLetterQueueUrl === queueUrl) return 'expected another queue than queueUrl, found the same';
  return queueUrlProblem(deadLetterQueueUrl);
}

function regionProblem(region: unknown): string | undefined {
  if (region === undefined || (typeof region === 'string' && region !== '')) return undefined;
  const found = region === '' ? 'an empty string' : describeType(region);
  return `expected the name of a region such as eu-west-1, found ${found}`;
}

function schemaProblem(schema: unknown): string | undefined {
  if (schema === undefined) return undefined;
  const standard = Object(Object(schema)['~standard']) as {
    readonly version?: unknown;
    readonly validate?: unknown;
  };
  if (standard.version === 1 && typeof standard.validate === 'function') return undefined;
  return `expected a Standard Schema (https://standardschema.dev), version 1, found ${describeType(schema)}`;
}

function concurrencyProblem({ queueUrl, batchConcurrency: found }: Given): string | undefined {
  if (found === undefined) return undefined;
  const most = typeof queueUrl === 'string' && isFifo(queueUrl) ? 1 : MAX_BATCH_CONCURRENCY;
  const problem = numberProblem(found, 1, most);
  return most === 1
    ? problem?.replace('a whole number from 1 to 1', '1, which keeps the order of a FIFO queue')
    : problem;
}

/** What an option such as `retry.maxAttempts` holds. */
function at(options: Given, option: string): unknown {
  return option.split('.').reduce<unknown>((part, name) => Object(part)[name] as unknown, options);
}

function groupProblem(group: unknown): string | undefined {
  if (group === undefined || (typeof group === 'object' && group !== null)) return undefined;
  return `expected an object of options, found ${describeType(group)}`;
}

function bypassProblem({ enabled = true, rolloutPercent = 100, bypass }: Given): string | undefined {
  if (bypass !== undefined) return listenerProblem(bypass);
  if (enabled === true && rolloutPercent === 100) return undefined;
  return 'expected a function that sends a message directly, found undefined: enabled and rolloutPercent may keep messages from the queue, and without it they would have nowhere to go';
}

function listenerProblem(listener: unknown): string | undefined {
  if (listener === undefined || typeof listener === 'function') return undefined;
  return `expected a function, found ${describeType(listener)}`;
}

function portProblem(port: unknown, methods: readonly string[]): string | undefined {
  if (port === undefined) return undefined;
  const missing = methods.filter((method) => typeof Object(port)[method] !== 'function');
  if (missing.length === 0) return undefined;
  return `expected an object with ${methods.join(', ')}, found ${describeType(port)} without ${missing.join(', ')}`;
}
