/** Every metric of the client and the handler, with its CloudWatch unit. Alarms and dashboards use these names. */
export const metricUnits = {
  /** Messages accepted by SQS. */
  MessagesQueued: 'Count',
  /** Messages saved in the fallback store instead. */
  MessagesStored: 'Count',
  /** Stored messages that a replay queued; they count as queued too. */
  MessagesReplayed: 'Count',
  /** Messages sent by the host's `bypass`, because of flag or rollout. */
  MessagesBypassed: 'Count',
  /** Openings of the client's breaker. */
  BreakerOpened: 'Count',
  /** Messages delivered to the upstream. */
  MessagesSent: 'Count',
  /** Messages set aside as dead letters. */
  MessagesFailed: 'Count',
  /** Admissions refused for want of a slot: one per park or inline hold. */
  RateLimitedMessages: 'Count',
  /** From the client's enqueueing to delivery, per message. */
  QueueLatency: 'Milliseconds',
  /** Duration of a `deliver` call, whatever its result. `marginMs` is about its 99th percentile. */
  DeliveryLatency: 'Milliseconds',
  /** Messages hidden for any reason: due time, retry, `Retry-After`, outage. One receive each. */
  ParkedMessages: 'Count',
  /** Waiters not parked for want of room in flight: the queue's visibility timeout applies. */
  UnparkedMessages: 'Count',
  /** Age of the oldest message that a batch left in its queue, since SQS took it. Nothing for an emptied batch. */
  OldestMessageAge: 'Milliseconds',
  /** Batches given up at their time limit: unfinished messages came back. */
  UnfinishedBatches: 'Count',
  /** Messages held until an imminent due time. */
  HeldMessages: 'Count',
  /** Delay from due time to admission, of messages held, or parked and back in the same process. */
  DueTimeError: 'Milliseconds',
  /** Messages without the limiter's decision: parked, or decided by a local share. */
  LimiterUnavailable: 'Count',
  /** Messages admitted by a local share while the limiter did not answer. */
  LocalAdmissions: 'Count',
  /** Duration of one limiter decision, or of the failure to reach one. */
  LimiterLatency: 'Milliseconds',
  /** Measurements that `cloudWatchMetrics` dropped: in a long outage, refused by CloudWatch, or no finite number. */
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
