import { describeType } from '../contract/describe-type.ts';

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

/** What is wrong with a queue URL, or undefined. Plain http is for emulators; AWS itself refuses it. */
export function queueUrlProblem(value: unknown): string | undefined {
  if (typeof value === 'string' && /^https?:\/\/[^\s/]+\/\S+$/.test(value) && URL.canParse(value))
    return undefined;
  const found = typeof value === 'string' ? 'another string' : describeType(value);
  return `expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages, found ${found}`;
}
