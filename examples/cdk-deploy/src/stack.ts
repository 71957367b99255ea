import {
  Stack,
  type SecretValue,
  aws_ec2 as ec2,
  aws_lambda as lambda,
  aws_lambda_event_sources as sources,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { grantAccess } from './access.ts';
import { addAlarms } from './alarms.ts';
import { addCache } from './cache.ts';
import { addFunctions } from './functions.ts';
import { addKey } from './key.ts';
import { addQueues } from './queues.ts';

/** What a deployment is told. */
export interface RateLimiterProps {
  /** Names everything: 3 to 30 of a-z, 0-9 and single -. One deployment per name and account. */
  readonly name: string;
  /** The handler's bundle, with `handler` and `operate` in `index`. */
  readonly code: lambda.Code;
  /** Where the function posts each message: an https:// URL. */
  readonly upstreamUrl: string;
  readonly upstreamToken: SecretValue;
  /** The password of the cache: 32 to 128 letters and digits, so that it fits into a URL as it is. */
  readonly cacheAuthToken: SecretValue;
  /** Whose private subnets reach the internet. Default: a new one with two zones and one NAT gateway. */
  readonly vpc?: ec2.IVpc;
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

/** The same deployment as the Terraform module of `examples/lambda-deploy`, without its dashboard. */
export class RateLimiterStack extends Stack {
  /** @throws {Error} for a name or a URL with which the deployment would fail. */
  constructor(scope: Construct, id: string, props: RateLimiterProps) {
    super(scope, id);
    requireDeployable(props);
    const { name, functionTimeoutSeconds = 30, maximumConcurrency = 10 } = props;
    const vpc = (props.vpc ?? new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 })) as ec2.IVpc;
    const key = addKey(this, name);
    const queues = addQueues(this, { name, key, functionTimeoutSeconds });
    const cache = addCache(this, { ...props, key, vpc });
    const functions = addFunctions(this, { ...props, key, vpc, queues, cache, functionTimeoutSeconds });
    // A message that waits for its turn is listed as failed: without `reportBatchItemFailures`, Lambda would delete it.
    const source = new sources.SqsEventSource(queues.messages, {
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: maximumConcurrency,
    });
    functions.handler.addEventSource(source);
    grantAccess(this, { name, queues, functions, mappingArn: source.eventSourceMappingArn });
    addAlarms(this, { name, key, queues, handler: functions.handler, email: props.alarmEmail });
  }
}

function requireDeployable({ name, upstreamUrl }: RateLimiterProps): void {
  if (!/^(?!sg-)[a-z](?:-?[a-z0-9])+$/.test(name) || name.length < 3 || name.length > 30) {
    throw new Error('name: expected 3 to 30 of a-z, 0-9 and single -, not beginning with sg-, found another');
  }
  if (!URL.canParse(upstreamUrl) || new URL(upstreamUrl).protocol !== 'https:') {
    throw new Error('upstreamUrl: expected an https:// URL, found another: the token travels with each call');
  }
}
