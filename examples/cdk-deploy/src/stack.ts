import { Stack } from 'aws-cdk-lib';
import { Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { grantAccess } from './access.ts';
import { addAlarms } from './alarms.ts';
import { addCache } from './cache.ts';
import { addFunctions } from './functions.ts';
import { addKey } from './key.ts';
import { requireDeployable, type RateLimiterProps } from './props.ts';
import { addQueues } from './queues.ts';

/** The same deployment as the Terraform module of `examples/lambda-deploy`, without its dashboard. */
export class RateLimiterStack extends Stack {
  /** @throws {Error} for a name or a URL with which the deployment would fail. */
  constructor(scope: Construct, id: string, props: RateLimiterProps) {
    super(scope, id);
    requireDeployable(props);
    const { name, functionTimeoutSeconds = 30, maximumConcurrency = 10 } = props;
    const vpc = (props.vpc ?? new Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 })) as IVpc;
    const key = addKey(this, name);
    const queues = addQueues(this, { name, key, functionTimeoutSeconds });
    const cache = addCache(this, { ...props, key, vpc });
    const functions = addFunctions(this, { ...props, key, vpc, queues, cache, functionTimeoutSeconds });
    // A message that waits for its turn is listed as failed: without `reportBatchItemFailures`, Lambda would delete it.
    const source = new SqsEventSource(queues.messages, {
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: maximumConcurrency,
    });
    functions.handler.addEventSource(source);
    grantAccess(this, { name, queues, functions, mappingArn: source.eventSourceMappingArn });
    addAlarms(this, { name, key, queues, handler: functions.handler, email: props.alarmEmail });
  }
}
