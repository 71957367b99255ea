import type {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityBatchCommandOutput,
  GetQueueAttributesCommand,
  GetQueueAttributesCommandOutput,
  SendMessageCommand,
  SendMessageCommandOutput,
} from '@aws-sdk/client-sqs';

export interface CallOptions {
  /** Aborts when nobody waits for the answer any more. */
  readonly abortSignal?: AbortSignal;
}

/** What the handler asks of SQS: an `SQSClient`, or anything that sends the same three commands. */
export interface SqsClient {
  send(
    command: ChangeMessageVisibilityBatchCommand,
    options?: CallOptions,
  ): Promise<Pick<ChangeMessageVisibilityBatchCommandOutput, 'Failed'>>;
  send(
    command: SendMessageCommand,
    options?: CallOptions,
  ): Promise<Pick<SendMessageCommandOutput, 'MessageId'>>;
  /** Read before messages are parked; a client that refuses it parks without a bound. */
  send(
    command: GetQueueAttributesCommand,
    options?: CallOptions,
  ): Promise<Pick<GetQueueAttributesCommandOutput, 'Attributes'>>;
}

/**
 * The URL of the queue that an event came from.
 * @throws {TypeError} when the text is not the ARN of a queue.
 */
export function queueUrlOf(arn: string): string {
  const [, partition, service, region, account, name] = arn.split(':');
  if (service !== 'sqs' || !region || !account || !name) {
    throw new TypeError(
      'expected an eventSourceARN such as arn:aws:sqs:REGION:ACCOUNT:QUEUE, found another text',
    );
  }
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://sqs.${region}.${domain}/${account}/${name}`;
}
