import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Functions } from './functions.ts';
import type { Queues } from './queues.ts';

interface AccessProps {
  readonly name: string;
  readonly queues: Queues;
  readonly functions: Functions;
  readonly mappingArn: string;
}

/** What the functions may do beyond receiving, and policies for roles outside the stack. */
export function grantAccess(stack: Stack, { name, queues, functions, mappingArn }: AccessProps): void {
  const { messages, deadLetters } = queues;
  const { handler, operator, log } = functions;
  // The event source grants receiving; the handler sends the dead letters itself.
  deadLetters.grantSendMessages(handler);
  messages.grant(handler, 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility');

  // The app that sends: attach it to the app's role.
  const client = policy(stack, 'Client', `${name}-client`);
  messages.grantSendMessages(client);
  deadLetters.grant(client, 'sqs:GetQueueAttributes');
  client.addStatements(measure());

  // A worker of your own instead of the function: attach it to its host's role.
  const worker = policy(stack, 'Worker', `${name}-worker`);
  messages.grantConsumeMessages(worker);
  deadLetters.grantSendMessages(worker);
  worker.addStatements(measure());

  // People who follow the runbook.
  const onCall = policy(stack, 'OnCall', `${name}-on-call`);
  deadLetters.grantConsumeMessages(onCall);
  deadLetters.grant(
    onCall,
    'sqs:StartMessageMoveTask',
    'sqs:ListMessageMoveTasks',
    'sqs:CancelMessageMoveTask',
  );
  messages.grantSendMessages(onCall);
  operator.grantInvoke(onCall);
  log.grant(onCall, 'logs:FilterLogEvents');
  onCall.addStatements(
    new PolicyStatement({
      actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      resources: [mappingArn],
    }),
    // This action knows no resources.
    new PolicyStatement({ actions: ['lambda:ListEventSourceMappings'], resources: ['*'] }),
  );

  new CfnOutput(stack, 'ClientEnvironment', {
    description: 'What the app that sends needs. The URLs name the region.',
    value: stack.toJsonString({
      SQS_RATE_LIMITER_QUEUE: messages.queueUrl,
      SQS_RATE_LIMITER_DLQ: deadLetters.queueUrl,
    }),
  });
}

function policy(stack: Stack, id: string, managedPolicyName: string): ManagedPolicy {
  const made = new ManagedPolicy(stack, `${id}Policy`, { managedPolicyName });
  new CfnOutput(stack, `${id}PolicyArn`, { value: made.managedPolicyArn });
  return made;
}

/** This action knows no resources; the condition names what may be written. */
const measure = () =>
  new PolicyStatement({
    actions: ['cloudwatch:PutMetricData'],
    resources: ['*'],
    conditions: { StringEquals: { 'cloudwatch:namespace': 'Huntaze/RateLimiter' } },
  });
