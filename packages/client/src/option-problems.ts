import { describeType } from './contract/json.ts';
import { isFifo, queueUrlProblem } from './transport/queue-url.ts';

/** The methods that each port must have. */
const ports = {
  sqs: ['send'],
  clock: ['nowMs', 'monotonicMs', 'sleep'],
  ids: ['next'],
  random: ['next'],
  logger: ['debug', 'info', 'warn', 'error'],
  metrics: ['record'],
  tracer: ['startSpan'],
} as const;

const MAX_BATCH_CONCURRENCY = 32;

type Option = 'queueUrl' | 'deadLetterQueueUrl' | 'payload' | 'batchConcurrency' | keyof typeof ports;
type Given = Readonly<Partial<Record<Option, unknown>>>;

/** Everything that is wrong with options of unknown origin: where, what was expected, what was found. */
export function optionProblems(options: Given): readonly string[] {
  return [
    named('queueUrl', queueUrlProblem(options.queueUrl)),
    named('deadLetterQueueUrl', deadLetterQueueProblem(options)),
    named('payload', schemaProblem(options.payload)),
    named('batchConcurrency', concurrencyProblem(options)),
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
  if (typeof found === 'number' && Number.isInteger(found) && found >= 1 && found <= most) return undefined;
  const expected =
    most === 1 ? '1, which keeps the order of a FIFO queue' : `a whole number from 1 to ${most}`;
  return `expected ${expected}, found ${typeof found === 'number' ? found : describeType(found)}`;
}

function portProblem(port: unknown, methods: readonly string[]): string | undefined {
  if (port === undefined) return undefined;
  const missing = methods.filter((method) => typeof Object(port)[method] !== 'function');
  if (missing.length === 0) return undefined;
  return `expected an object with ${methods.join(', ')}, found ${describeType(port)} without ${missing.join(', ')}`;
}
