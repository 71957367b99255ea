/**
 * Whether a queue keeps order: a FIFO queue's name ends in `.fifo`
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html).
 */
export const isFifo = (queueUrl: string): boolean => queueUrl.endsWith('.fifo');

/**
 * The region that a queue's URL names, or undefined when it names none, as an emulator's does
 * (https://docs.aws.amazon.com/general/latest/gr/sqs-service.html).
 */
export function regionOf(queueUrl: string): string | undefined {
  return /^https:\/\/sqs(?:-fips)?\.([a-z\d-]+)\.(?:amazonaws\.com|api\.aws)(?=[./:])/.exec(queueUrl)?.[1];
}
