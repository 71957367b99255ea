/** Every metric of the client and the handler, with its CloudWatch unit. Alarms and dashboards use these names. */
export const metricUnits = {
  /** Messages accepted by SQS. */
  MessagesQueued: 'Count',
  /** Messages delivered to the upstream. */
  MessagesSent: 'Count',
  /** Messages set aside as dead letters. */
  MessagesFailed: 'Count',
  /** Admissions refused because no place was free: one per park or inline hold. */
  RateLimitedMessages: 'Count',
  /** From enqueueing by the client to delivery, per message. */
  QueueLatency: 'Milliseconds',
} as const;

export type MetricName = keyof typeof metricUnits;

/** Where measurements go. Recording must be cheap and must not throw. */
export interface Metrics {
  record(name: MetricName, value: number): void;
}

/** Measures nothing: the default until a host passes its own metrics. */
export const silentMetrics: Metrics = { record: () => {} };
