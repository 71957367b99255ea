export { cloudWatchMetrics, type CloudWatchMetrics } from './cloudwatch-metrics.ts';
export type { CloudWatchMetricsOptions } from './options.ts';
export type { CloudWatch } from './client.ts';
