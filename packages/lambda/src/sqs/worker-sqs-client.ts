import type {
  DeleteMessageBatchCommand,
  DeleteMessageBatchCommandOutput,
  ReceiveMessageCommand,
  ReceiveMessageCommandOutput,
} from '@aws-sdk/client-sqs';
import type { CallOptions } from './sqs-client.ts';

/** What a worker asks of SQS: an `SQSClient`, or anything that sends the same two commands. */
export interface WorkerSqsClient {
  send(
    command: ReceiveMessageCommand,
    options?: CallOptions,
  ): Promise<Pick<ReceiveMessageCommandOutput, 'Messages'>>;
  send(
    command: DeleteMessageBatchCommand,
    options?: CallOptions,
  ): Promise<Pick<DeleteMessageBatchCommandOutput, 'Successful' | 'Failed'>>;
}
