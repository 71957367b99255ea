import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type DeleteMessageBatchCommandOutput,
  type GetQueueAttributesCommandOutput,
  type Message,
  type ReceiveMessageCommandOutput,
} from '@aws-sdk/client-sqs';

/** What the mapping asks of an SQS client. */
export interface MappingSqs {
  send(
    command: ReceiveMessageCommand,
    options: { abortSignal: AbortSignal },
  ): Promise<ReceiveMessageCommandOutput>;
  send(command: DeleteMessageBatchCommand): Promise<DeleteMessageBatchCommandOutput>;
  send(command: GetQueueAttributesCommand): Promise<GetQueueAttributesCommandOutput>;
}

/** One queue as the mapping uses it. */
export interface MappingQueue {
  /** How long a received message stays hidden unless somebody changes that. */
  visibilityMs(): Promise<number>;
  /** Waits up to `waitSeconds` for the first message. @throws when SQS refuses, cannot be reached, or on abort. */
  receive(maxMessages: number, waitSeconds: number, abortSignal: AbortSignal): Promise<readonly Message[]>;
  /** Deletes by receipt handle and gives how many were deleted. Never rejects: what was not deleted comes back. */
  delete(receiptHandles: readonly string[]): Promise<number>;
}

/** Entries of a batch call and messages of a receive: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const SQS_BATCH_SIZE = 10;

/** The queue at a URL. */
export function mappingQueue(sqs: MappingSqs, queueUrl: string): MappingQueue {
  return {
    visibilityMs: async () => {
      const command = new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['VisibilityTimeout'],
      });
      return Number((await sqs.send(command)).Attributes?.VisibilityTimeout) * 1_000;
    },
    receive: async (maxMessages, waitSeconds, abortSignal) => {
      const command = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: maxMessages,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return (await sqs.send(command, { abortSignal })).Messages ?? [];
    },
    delete: async (receiptHandles) => {
      let deleted = 0;
      for (let start = 0; start < receiptHandles.length; start += SQS_BATCH_SIZE) {
        deleted += await deleteBatch(sqs, queueUrl, receiptHandles.slice(start, start + SQS_BATCH_SIZE));
      }
      return deleted;
    },
  };
}

async function deleteBatch(
  sqs: MappingSqs,
  queueUrl: string,
  receiptHandles: readonly string[],
): Promise<number> {
  const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
  try {
    const reply = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    return reply.Successful?.length ?? 0;
  } catch {
    return 0;
  }
}
