export { createRateLimiterClient, type RateLimiterClient } from './client.ts';
export type { CircuitOptions, ClientOptions, CoalesceOptions, RetryOptions } from './options.ts';
export type { ClientEvent, OnClientEvent } from './queue/client-events.ts';
export type { BreakerState } from './queue/breaker.ts';
export type { ReplayLoop, ReplayLoopOptions } from './fallback/replay-loop.ts';
export type { ReplayEnd, ReplayOptions, ReplayResult } from './fallback/replay.ts';
export type { ClientStatus, FallbackCounts } from './status.ts';
export type { Setting } from './rollout/setting.ts';
export type { BatchRun } from './batch/batch-run.ts';
export type { BatchResult, NewMessage, SendResult } from './send/messages.ts';
export type { QueueCounts } from './queue/counts.ts';
export type { Sqs } from './queue/sqs.ts';
export { memoryFallbackStore, type MemoryFallbackStoreOptions } from './fallback/memory-store.ts';
export {
  BypassError,
  ClientClosedError,
  ConfigurationError,
  PayloadError,
  QueueRejectedError,
  QueueUnavailableError,
  RateLimiterError,
  StoreUnavailableError,
  isBypassError,
  isClientClosedError,
  isConfigurationError,
  isPayloadError,
  isQueueRejectedError,
  isQueueUnavailableError,
  isStoreUnavailableError,
  priorities,
  type Clock,
  type ErrorCode,
  type FallbackStore,
  type Ids,
  type JsonValue,
  type LogFields,
  type Logger,
  type Message,
  type MetricName,
  type Metrics,
  type PayloadInput,
  type PayloadOutput,
  type PayloadProblem,
  type PayloadSchema,
  type Priority,
  type Random,
  type Span,
  type SpanAttributes,
  type SpanName,
  type StoredClaim,
  type StoredFailure,
  type StoredMessage,
  type TraceContext,
  type Tracer,
  type Unavailable,
} from './contract/index.ts';
