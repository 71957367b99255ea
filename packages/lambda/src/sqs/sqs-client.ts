import { withTimeout, type Timeout } from '@huntaze/kit';
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

/** An SQS client whose calls end within `timeoutMs`: a call without an answer throws, and may have had its effect. */
export function boundedSqs(sqs: SqsClient, timeout: Timeout): SqsClient {
  const send: (...[command]: Parameters<SqsClient['send']>) => Promise<unknown> = (command) =>
    withTimeout(timeout, (abortSignal) => sqs.send(command, { abortSignal }));
  return { send: send as SqsClient['send'] };
}
