export { createHandler } from './handler.ts';
export type { Deliver, DeliverContext, DeliveryMode } from './attempt/deliver.ts';
export type { Backoff } from './attempt/outcome.ts';
export type { CostOf, LimitsOf } from './message/admission-policy.ts';
export { retryAfterFrom, type ResponseHeaders, type RetryAfterOptions } from './attempt/retry-after.ts';
export type { HandlerEvent, OnEvent } from './telemetry/handler-events.ts';
export type { BatchResponse, Handler, InvocationContext, SqsEvent, SqsRecord } from './message/event.ts';
export type {
  AdmitRequest,
  Admission,
  Candidate,
  Claim,
  Claimed,
  Limiter,
  LimiterCheck,
  Settlement,
  Verdict,
} from './limiter/limiter.ts';
export type { ColdStart, RenewRequest, SettleRequest } from './limiter/limiter.ts';
export type {
  KeyInspection,
  LimiterOperations,
  OfMessage,
  OfQueue,
  UpstreamOperations,
  MessageState,
} from './limiter/operations.ts';
export { memoryLimiter, type MemoryLimiterOptions } from './limiter/memory/memory-limiter.ts';
export { redisLimiter, type RedisLimiter } from './limiter/redis/redis-limiter.ts';
export type { RedisLimiterOptions } from './limiter/redis/redis-options.ts';
export type { RedisClient } from './limiter/redis/clients/clients.ts';
export type { RedisCheck } from './limiter/redis/redis-check.ts';
export {
  perMinute,
  slidingWindow,
  tokenBucket,
  type Limit,
  type SlidingWindow,
  type TokenBucket,
} from './limiter/limits/limit.ts';
export type { HandlerOptions } from './options.ts';
export type { SqsClient } from './sqs/sqs-client.ts';
export type { OnLimiterUnavailable } from './handler-limiter/on-limiter-unavailable.ts';
export {
  ConfigurationError,
  LimiterUnavailableError,
  PermanentError,
  RetryAfterError,
  isConfigurationError,
  isLimiterUnavailableError,
  isPermanentError,
  isRetryAfterError,
} from '@huntaze/rate-limiter-client/contract';
export type { Message, Priority } from '@huntaze/rate-limiter-client/contract';
