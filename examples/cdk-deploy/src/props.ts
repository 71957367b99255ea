import type { SecretValue } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Code } from 'aws-cdk-lib/aws-lambda';

/** What a deployment is told. */
export interface RateLimiterProps {
  /** Names everything: 3 to 30 of a-z, 0-9 and single -. One deployment per name and account. */
  readonly name: string;
  /** The handler's bundle, with `handler` and `operate` in `index`. */
  readonly code: Code;
  /** Where the function posts each message: an https:// URL. */
  readonly upstreamUrl: string;
  readonly upstreamToken: SecretValue;
  /** The password of the cache: 32 to 128 letters and digits, so that it fits into a URL as it is. */
  readonly cacheAuthToken: SecretValue;
  /** Whose private subnets reach the internet. Default: a new one with two zones and one NAT gateway. */
  readonly vpc?: IVpc;
  /** Messages of one account in a window. Default 10. */
  readonly rateLimit?: number;
  /** Default 60. */
  readonly rateWindowSeconds?: number;
  /** How long one batch may take. Default 30. */
  readonly functionTimeoutSeconds?: number;
  /** How many batches are delivered at once. Default 10. */
  readonly maximumConcurrency?: number;
  /** Gets a mail for every alarm. Default: nobody; subscribe to the topic. */
  readonly alarmEmail?: string;
}

/** @throws {Error} for what the deployment would fail with. */
export function requireDeployable({ name, upstreamUrl }: RateLimiterProps): void {
  if (!/^(?!sg-)[a-z](?:-?[a-z0-9])+$/.test(name) || name.length < 3 || name.length > 30) {
    throw new Error('name: expected 3 to 30 of a-z, 0-9 and single -, not beginning with sg-, found another');
  }
  if (!URL.canParse(upstreamUrl) || new URL(upstreamUrl).protocol !== 'https:') {
    throw new Error('upstreamUrl: expected an https:// URL, found another: the token travels with each call');
  }
}
