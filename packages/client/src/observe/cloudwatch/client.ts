import { CloudWatchClient, type PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';

/** The one method of a `CloudWatchClient` that is called, with `PutMetricData` commands. */
export interface CloudWatch {
  send(command: PutMetricDataCommand, options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
}

/** A CloudWatch client to use, and how to let go of it. */
export interface CloudWatchHandle {
  readonly cloudWatch: CloudWatch;
  /** Closes the connections of a client that we created; one that the host gave stays the host's. */
  release(): void;
}

/** Takes the host's client, or creates one. */
export function openCloudWatch(given: CloudWatch | undefined, region: string | undefined): CloudWatchHandle {
  if (given !== undefined) return { cloudWatch: given, release: () => {} };
  const own = new CloudWatchClient(region === undefined ? {} : { region });
  return { cloudWatch: own, release: () => own.destroy() };
}
