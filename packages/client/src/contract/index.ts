export { describeType } from '@huntaze/kit';
export { backgroundClock, systemClock, type Clock } from './clock.ts';
export {
  BypassError,
  ClientClosedError,
  ConfigurationError,
  LimiterUnavailableError,
  PayloadError,
  PermanentError,
  QueueRejectedError,
  QueueUnavailableError,
  RateLimiterError,
  RetryAfterError,
  StoreUnavailableError,
  isBypassError,
  isClientClosedError,
  isConfigurationError,
  isLimiterUnavailableError,
  isPayloadError,
  isPermanentError,
  isQueueRejectedError,
  isQueueUnavailableError,
  isRetryAfterError,
  isStoreUnavailableError,
  type ErrorCode,
  type PayloadProblem,
} from './errors.ts';
export type { FallbackStore, StoredClaim, StoredFailure, StoredMessage } from './fallback-store.ts';
export { guardPorts, type GuardedPorts, type ObservingPorts } from './guarded-ports.ts';
export { uuidIds, type Ids } from './ids.ts';
export { MAX_JSON_DEPTH, type JsonValue } from './json.ts';
export { silentLogger, type LogFields, type Logger } from './logger.ts';
export {
  ENVELOPE_VERSION,
  parseMessage,
  priorities,
  serializeMessage,
  type Message,
  type ParsedMessage,
  type Priority,
} from './message.ts';
export {
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  metricUnits,
  silentMetrics,
  type MetricName,
  type Metrics,
} from './metrics.ts';
export {
  checkPayload,
  jsonPayload,
  validatePayload,
  type CheckedPayload,
  type PayloadInput,
  type PayloadOutput,
  type PayloadSchema,
  type PayloadWords,
} from './payload.ts';
export { systemRandom, type Random } from './random.ts';
export {
  silentTracer,
  type Span,
  type SpanAttributes,
  type SpanName,
  type TraceContext,
  type Tracer,
} from './tracer.ts';
export type { Unavailable } from './unavailable.ts';
