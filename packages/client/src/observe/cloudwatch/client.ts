import type { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';

/** The one method of a `CloudWatchClient` that is called, with `PutMetricData` commands. */
export interface CloudWatch {
  send(command: PutMetricDataCommand, options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
}
