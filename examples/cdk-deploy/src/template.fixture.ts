import { App, SecretValue, aws_lambda as lambda } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { deployedArns, type Caller, type Deployed, type PolicyStatement } from '@huntaze/testkit/iam';
import type { RateLimiterProps } from './props.ts';
import { RateLimiterStack } from './stack.ts';

/** The props of a deployment, with a token for each secret. */
export const props: RateLimiterProps = {
  name: 'rate-limiter',
  code: lambda.Code.fromInline('exports.handler = async () => {};'),
  upstreamUrl: 'https://upstream.example:8443/messages',
  upstreamToken: SecretValue.secretsManager('rate-limiter', { jsonField: 'upstreamToken' }),
  cacheAuthToken: SecretValue.secretsManager('rate-limiter', { jsonField: 'cacheAuthToken' }),
};

/** What CloudFormation gets. CDK checks it against AWS's own schemas meanwhile, which takes seconds: once is enough. */
export const synthesize = () => Template.fromStack(new RateLimiterStack(new App(), 'RateLimiter', props));

type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };
interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, Json>>;
}

/** Beginnings of the logical ids of what is called. */
const logicalIds: Readonly<Record<string, Deployed>> = {
  Messages: 'messages',
  DeadLetters: 'deadLetters',
  Key: 'key',
  Alarms: 'topic',
  Operator: 'operator',
  Log: 'logGroup',
};

/**
 * AWS's own policies that CDK attaches to functions, as of 2026.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
 */
const attachedByCdk: PolicyStatement = {
  Effect: 'Allow',
  Action: [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  Resource: '*',
};

/** The template's policies, as IAM gets them. */
export function policiesOf(template: Template) {
  const resources = Object.entries(template.toJSON()['Resources'] as Readonly<Record<string, Resource>>);
  const documentOf = (type: string, id: string, property = 'PolicyDocument') =>
    resources
      .filter(([name, { Type }]) => Type === type && name.startsWith(id))
      .flatMap(([, { Properties }]) => {
        const document = resolve(Properties[property] ?? null) as unknown as { Statement: PolicyStatement[] };
        return document.Statement;
      });
  const ofRoles: Partial<Record<Caller, readonly PolicyStatement[]>> = {
    function: [attachedByCdk, ...documentOf('AWS::IAM::Policy', 'Handler')],
    operator: [attachedByCdk, ...documentOf('AWS::IAM::Policy', 'Operator')],
    lambda: [attachedByCdk, ...documentOf('AWS::IAM::Policy', 'Handler')],
    worker: documentOf('AWS::IAM::ManagedPolicy', 'Worker'),
    client: documentOf('AWS::IAM::ManagedPolicy', 'Client'),
    'on-call': documentOf('AWS::IAM::ManagedPolicy', 'OnCall'),
  };
  const ofResources: Partial<Record<Deployed, readonly PolicyStatement[]>> = {
    messages: documentOf('AWS::SQS::QueuePolicy', 'Messages'),
    deadLetters: documentOf('AWS::SQS::QueuePolicy', 'DeadLetters'),
    key: documentOf('AWS::KMS::Key', 'Key', 'KeyPolicy'),
    topic: documentOf('AWS::SNS::TopicPolicy', 'Alarms'),
  };
  return {
    ofRole: (caller: Caller) => ofRoles[caller] ?? [],
    ofResource: (on: Deployed) => ofResources[on] ?? [],
  };
}

/** A value whose references are those of a deployment. @throws {Error} for one that is not known here. */
function resolve(value: Json): Json {
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as { readonly [name: string]: Json };
  const { Ref: reference, 'Fn::GetAtt': attribute, 'Fn::Join': join } = object;
  if (reference !== undefined) return referenced(reference as string);
  if (attribute !== undefined) return referenced((attribute as readonly [string, string])[0]);
  if (join !== undefined) {
    const [separator, parts] = join as readonly [string, readonly Json[]];
    return parts.map((part) => resolve(part) as string).join(separator);
  }
  return Object.fromEntries(Object.entries(object).map(([name, one]) => [name, resolve(one)]));
}

function referenced(name: string): string {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::Region': 'eu-west-1',
    'AWS::AccountId': '123456789012',
    'AWS::Partition': 'aws',
  };
  if (name in pseudo) return pseudo[name] ?? '';
  if (name.startsWith('HandlerSqsEventSource')) return deployedArns.mapping.split(':').at(-1) ?? '';
  const id = /^(\D+?)[0-9A-F]{8}$/.exec(name)?.[1] ?? name;
  const deployed = logicalIds[id];
  if (deployed === undefined) throw new Error(`expected a reference that is known here, found ${name}`);
  return deployedArns[deployed];
}
