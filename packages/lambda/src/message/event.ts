/** What Lambda hands over of one received message: the part of `SQSRecord` that the handler reads. */
export interface SqsRecord {
  /** SQS's own id of the message: what a batch response lists. Not the id in the envelope. */
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: {
    readonly ApproximateReceiveCount?: string;
    readonly ApproximateFirstReceiveTimestamp?: string;
    readonly SentTimestamp?: string;
    readonly MessageGroupId?: string | undefined;
  };
  readonly eventSourceARN: string;
}

/** A batch of received messages, as an event source mapping invokes the handler with it. EventBridge Pipes leaves out the object. */
export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** What the handler reads of Lambda's context. */
export interface InvocationContext {
  /** Infinite where nothing ends an invocation but its own work. */
  getRemainingTimeInMillis(): number;
  /** Where the batch came from, if not the queue that its ARN names: workers know it, Lambda does not say. */
  readonly queueUrl?: string;
  /**
   * Which Lambda function this is. Where it is set, metrics are handed over at the end of the batch, because Lambda may
   * freeze the process then; a handler without `metrics` writes them to its log in CloudWatch's embedded metric format, and
   * one without `logger` lines of JSON.
   */
  readonly functionName?: string;
}

/**
 * Which messages are not finished: Lambda deletes every other one of the batch
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html), and so does EventBridge Pipes
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html).
 */
export interface BatchResponse {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/** An SQS handler for Lambda: needs an event source mapping with `ReportBatchItemFailures`, or a pipe of EventBridge. */
export type Handler = (event: SqsEvent, context?: InvocationContext) => Promise<BatchResponse>;
