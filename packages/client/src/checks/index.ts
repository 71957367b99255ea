/**
 * What the options of the three packages must be, in one place. For these packages alone: it is no part of their public
 * interface and may change with any release.
 * @module
 * @internal
 */
export { expecting, groupProblems, kindOf, problemOf, problemsOf, requireOptions } from './check.ts';
export type { Check, Checks, Given } from './check.ts';
export { engineProblems } from './engine.ts';
export { nearest } from './nearest.ts';
export { clock, ids, logger, metrics, random, sqs, tracer } from './ports.ts';
export { deadLetterQueueUrl, queue, queueName, queueUrl, queueUrlProblem, regionOf } from './queue-url.ts';
export {
  aboveZero,
  atMost,
  callable,
  callableOr,
  flag,
  group,
  having,
  isWithin,
  oneOf,
  optional,
  region,
  schema,
  text,
  whole,
  within,
} from './values.ts';
