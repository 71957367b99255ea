export { decorrelatedMs, exponentialMs, halfJitterMs, type Chance } from './backoff.ts';
export { chunksOf, inLanes, inParallel, type ChunkLimits } from './concurrency.ts';
export { describeType } from './describe-type.ts';
export { errorClass, errorMessage, errorName, isName, namesAmong, safely } from './errors.ts';
export { firstIndex } from './first-index.ts';
export { guardListener } from './guard-listener.ts';
export { andThen, isPromise, type MaybePromise } from './maybe-promise.ts';
export { keyAndId, messageIdentity } from './message-identity.ts';
export {
  attributeNumber,
  DEFAULT_RETENTION_MS,
  isFifo,
  MAX_BYTES,
  MAX_ENTRIES,
  MAX_RETENTION_MS,
  MAX_VISIBILITY_MS,
  queueName,
  regionOf,
} from './sqs.ts';
export {
  answerInTime,
  awokenBy,
  isTimeoutError,
  withTimeout,
  type Sleeper,
  type Timeout,
} from './with-timeout.ts';
