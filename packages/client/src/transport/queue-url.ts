/**
 * Whether a queue keeps order: a FIFO queue's name ends in `.fifo`
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html).
 */
export const isFifo = (queueUrl: string): boolean => queueUrl.endsWith('.fifo');
