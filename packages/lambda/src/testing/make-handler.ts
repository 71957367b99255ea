import type {
  JsonValue,
  LogFields,
  Logger,
  Metrics,
  PayloadSchema,
} from '@huntaze/rate-limiter-client/contract';
import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { createHandler } from '../handler.ts';
import type { Handler } from '../message/event.ts';
import { slidingWindow } from '../limiter/limits/limit.ts';
import type { HandlerOptions } from '../options.ts';
import { fakeSqs, type SqsFaults } from './fake-sqs.ts';
import { DEAD_LETTER_QUEUE_URL } from './records.ts';
import { scriptedLimiter, type LimiterScript, type ScriptedAnswer } from './scripted-limiter.ts';

export interface HandlerOverrides<Schema extends PayloadSchema> extends Partial<HandlerOptions<Schema>> {
  readonly clock?: FakeClock;
  /** What the limiter answers, in order; or the answers from the instant at which time stands still. */
  readonly admissions?: readonly ScriptedAnswer[] | ((nowMs: number) => readonly ScriptedAnswer[]);
  readonly recordSettlement?: NonNullable<LimiterScript['record']>;
  readonly renewClaim?: NonNullable<LimiterScript['renew']>;
  readonly sqsFaults?: SqsFaults;
}

/** One call of `deliver`. */
export interface Call {
  readonly key: string;
  readonly id: string;
  readonly attempt: number;
  readonly atMs: number;
}

/** A handler with fakes on every side, and what happened there. Delivers at once unless told otherwise. */
export function makeHandler<Schema extends PayloadSchema = PayloadSchema<JsonValue>>(
  overrides: HandlerOverrides<Schema> = {},
) {
  const {
    clock = fakeClock(),
    admissions = [],
    recordSettlement,
    renewClaim,
    sqsFaults,
    deliver,
    ...options
  } = overrides;
  const sqs = fakeSqs(sqsFaults);
  const limiter = scriptedLimiter({
    admissions: typeof admissions === 'function' ? admissions(clock.nowMs()) : admissions,
    nowMs: clock.nowMs,
    ...(recordSettlement && { record: recordSettlement }),
    ...(renewClaim && { renew: renewClaim }),
  });
  const heard = listen();
  const calls: Call[] = [];
  const handler: Handler = createHandler<Schema>({
    limits: [slidingWindow({ limit: 10, windowMs: 60_000 })],
    limiter,
    sqs,
    deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    random: { next: () => 0.5 },
    clock,
    ...heard.ports,
    ...options,
    deliver: (message, context) => {
      calls.push({ key: message.key, id: message.id, attempt: context.attempt, atMs: clock.nowMs() });
      return deliver?.(message, context) ?? Promise.resolve();
    },
  });
  return { handler, sqs, limiter, clock, calls, ...heard };
}

/** Ears on the observing ports. */
export function listen() {
  const logs: { level: string; fields: LogFields; message: string }[] = [];
  const measured: { name: string; value: number }[] = [];
  const log = (level: string) => (fields: LogFields, message: string) =>
    void logs.push({ level, fields, message });
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const metrics: Metrics = { record: (name, value) => void measured.push({ name, value }) };
  return { logs, measured, ports: { logger, metrics } };
}
