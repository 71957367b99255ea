export { expecting, groupProblems, kindOf, problemOf, problemsOf } from './check.ts';
export type { Check, Checks, Given } from './check.ts';
export { engineProblems } from './engine.ts';
export { nearest } from './nearest.ts';
export { checksOf, filled, optionProblems } from './options.ts';
export type { Filled, Judged, OptionRow, OptionTable } from './options.ts';
export { clock, ids, logger, metrics, random, sqs, tracer } from './ports.ts';
export { deadLetterQueueUrl, queue, queueUrl, queueUrlProblem } from './queue.ts';
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
