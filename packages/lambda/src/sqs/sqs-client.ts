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
