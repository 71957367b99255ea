/** Every metric of the client and the handler, with its CloudWatch unit. Alarms and dashboards use these names. */
export const metricUnits = {
  /** Messages accepted by SQS. */
  MessagesQueued: 'Count',
  /** Messages that went to the fallback store instead. */
  MessagesStored: 'Count',
  /** Stored messages that a replay took to SQS; they count as queued too. */
  MessagesReplayed: 'Count',
  /** Messages that the host's own `bypass` sent, because of flag or rollout. */
  MessagesBypassed: 'Count',
  /** Times that the client's breaker opened. */
  BreakerOpened: 'Count',
  /** Messages delivered to the upstream. */
  MessagesSent: 'Count',
  /** Messages set aside as dead letters. */
  MessagesFailed: 'Count',
  /** Admissions refused because no place was free: one per park or inline hold. */
  RateLimitedMessages: 'Count',
  /** From enqueueing by the client to delivery, per message. */
  QueueLatency: 'Milliseconds',
  /** How long a call of `deliver` took, whatever came of it. `marginMs` is about its 99th percentile. */
  DeliveryLatency: 'Milliseconds',
  /** Messages hidden in the queue for whatever reason: their due time, a retry, silence, an outage. One receive each. */
  ParkedMessages: 'Count',
  /** Waiters that were not parked, because too many messages are in flight: the queue's own visibility decides. */
  UnparkedMessages: 'Count',
  /** Batches that were given up because their time was over: what was not known to be finished came back. */
  UnfinishedBatches: 'Count',
  /** Messages kept in hand until their due time, because it was soon. */
  HeldMessages: 'Count',
  /** How long after its due time a message was admitted that was held, or parked and came back to the same process. */
  DueTimeError: 'Milliseconds',
  /** Messages that the limiter gave no decision about: they are parked, or this process decides by its share. */
  LimiterUnavailable: 'Count',
  /** Messages that a process admitted by its share alone, while the limiter had no answer. */
  LocalAdmissions: 'Count',
  /** How long the limiter took for one decision, or for not reaching it. */
  LimiterLatency: 'Milliseconds',
  /** Measurements that `cloudWatchMetrics` dropped, because CloudWatch took none for too long. */
  DroppedMeasurements: 'Count',
} as const;

export type MetricName = keyof typeof metricUnits;

/** The CloudWatch namespace of all of them, on both sides. */
export const METRIC_NAMESPACE = 'Huntaze/RateLimiter';

/**
 * Their only dimension: the name of the queue, as in the namespace `AWS/SQS`. Never a key or an id: each value of a
 * dimension is a metric of its own, and is paid for.
 */
export const METRIC_DIMENSION = 'QueueName';

/** Where measurements go. Recording must be cheap and must not throw. */
export interface Metrics {
  record(name: MetricName, value: number): void;
  /**
   * Hands over what was recorded and is still kept, in bounded time. `close` of a client calls it, and a handler at
   * the end of each batch in Lambda, which may freeze the process then.
   */
  flush?(): Promise<void>;
}

/** Measures nothing: the default until a host passes its own metrics. */
export const silentMetrics: Metrics = { record: () => {} };
