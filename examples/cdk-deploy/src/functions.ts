import { ArnFormat, Duration, type Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Cache } from './cache.ts';
import type { RateLimiterProps } from './props.ts';
import type { Queues } from './queues.ts';

/** The function that delivers, and the one that answers operators: the same code. */
export interface Functions {
  readonly handler: lambda.Function;
  readonly operator: lambda.Function;
  readonly log: LogGroup;
}

interface FunctionProps extends RateLimiterProps {
  readonly key: IKey;
  readonly vpc: IVpc;
  readonly queues: Queues;
  readonly cache: Cache;
  readonly functionTimeoutSeconds: number;
}

/** Both functions, in the VPC of the cache, with one log. */
export function addFunctions(stack: Stack, props: FunctionProps): Functions {
  const { name, code, key, vpc, queues, cache, upstreamUrl, upstreamToken } = props;
  const log = new LogGroup(stack, 'Log', {
    logGroupName: `/aws/lambda/${name}`,
    retention: RetentionDays.ONE_MONTH,
    encryptionKey: key,
  });
  const both = {
    code,
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    memorySize: 256,
    vpc,
    securityGroups: [cache.clients],
    environmentEncryption: key,
    logGroup: log,
    // Lines as they are written: they are JSON already, and metrics are lines of a form of their own.
    loggingFormat: lambda.LoggingFormat.TEXT,
    environment: {
      SQS_RATE_LIMITER_QUEUE: queues.messages.queueUrl,
      SQS_RATE_LIMITER_DLQ: queues.deadLetters.queueUrl,
      REDIS_URL: cache.url,
      RATE_LIMIT: String(props.rateLimit ?? 10),
      RATE_WINDOW_SECONDS: String(props.rateWindowSeconds ?? 60),
      UPSTREAM_URL: upstreamUrl,
      UPSTREAM_TOKEN: upstreamToken.unsafeUnwrap(),
    },
  };
  const handler = new lambda.Function(stack, 'Handler', {
    ...both,
    functionName: name,
    description: 'Delivers each message when the limits allow it',
    handler: 'index.handler',
    timeout: Duration.seconds(props.functionTimeoutSeconds),
  });
  const operator = new lambda.Function(stack, 'Operator', {
    ...both,
    functionName: `${name}-operator`,
    description: 'Answers operators: inspect, find, pause, resume, cancel',
    handler: 'index.operate',
    timeout: Duration.seconds(10),
  });
  for (const { role } of [handler, operator]) role?.addToPrincipalPolicy(codeLeavesNetworkAlone(stack, name));
  return { handler, operator, log };
}

/**
 * The service needs these to reach the VPC, and CDK attaches AWS's policy with them; the code does not.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
function codeLeavesNetworkAlone(stack: Stack, name: string): PolicyStatement {
  // By their names: as resources, the functions would have to exist before their roles.
  const functions = [name, `${name}-operator`].map((resourceName) =>
    stack.formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
    conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functions } },
  });
}
