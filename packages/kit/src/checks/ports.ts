import type { Check } from './check.ts';
import { having, optional } from './values.ts';

// Marked as pure, here and beside them, so that a bundle holds only those that it uses.

export const clock = /* @__PURE__ */ optional(/* @__PURE__ */ having('nowMs', 'monotonicMs', 'sleep'));
export const ids = /* @__PURE__ */ optional(/* @__PURE__ */ having('next'));
export const logger = /* @__PURE__ */ optional(/* @__PURE__ */ having('debug', 'info', 'warn', 'error'));
export const metrics = /* @__PURE__ */ optional(/* @__PURE__ */ having('record'));
export const random = /* @__PURE__ */ optional(/* @__PURE__ */ having('next'));

/**
 * A client of the AWS SDK, or anything with its `send`. Commands describe their input by schemas, which older clients lack
 * the protocol to write: they fail every call ("serializerMiddleware is not found").
 * @param oldest the first version of its package that has one.
 */
export const awsClient =
  (name: string, oldest: string): Check =>
  (found, option, given) => {
    const { config, middlewareStack } = Object(found) as { config?: unknown; middlewareStack?: unknown };
    const isOld = middlewareStack !== undefined && Object(config).protocol === undefined;
    return isOld
      ? [`${option}: expected a client of @aws-sdk/${name} ${oldest} or newer, found an older one: update it`]
      : having('send')(found, option, given);
  };

export const sqs = /* @__PURE__ */ optional(/* @__PURE__ */ awsClient('client-sqs', '3.928.0'));
export const tracer = /* @__PURE__ */ optional(/* @__PURE__ */ having('startSpan'));
