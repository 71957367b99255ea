import { Duration, type Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';

/** The queue of messages, and the one of dead letters. */
export interface Queues {
  readonly messages: Queue;
  readonly deadLetters: Queue;
}

interface QueueProps {
  readonly name: string;
  readonly key: IKey;
  readonly functionTimeoutSeconds: number;
}

/** Encrypted queues that keep messages for as long as SQS can. */
export function addQueues(stack: Stack, { name, key, functionTimeoutSeconds }: QueueProps): Queues {
  const both = {
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
  };
  // By its ARN: as resources, each queue would have to exist before the other.
  const source = Queue.fromQueueArn(stack, 'Source', stack.formatArn({ service: 'sqs', resource: name }));
  const deadLetters = new Queue(stack, 'DeadLetters', {
    ...both,
    queueName: `${name}-dead-letters`,
    redriveAllowPolicy: { redrivePermission: RedrivePermission.BY_QUEUE, sourceQueues: [source] },
  });
  const messages = new Queue(stack, 'Messages', {
    ...both,
    queueName: name,
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    visibilityTimeout: Duration.seconds(6 * functionTimeoutSeconds),
    receiveMessageWaitTime: Duration.seconds(20),
    // The handler decides what is a dead letter. This is for messages that it never got to decide about, so it is as high
    // as SQS allows: waiting for a turn costs receives.
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 1_000 },
  });
  return { messages, deadLetters };
}
