import { another, type Check } from './check.ts';

/**
 * The address of a queue: a server, an account, a name
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html).
 * Emulators may put more before the account. Plain http is for them; AWS itself refuses it.
 */
const QUEUE_URL = /^https?:\/\/[^\s/?#@\\]+(?:\/[\w-]+)*\/[\w-]+\/[\w-]{1,80}(?:\.fifo)?$/;

const EXPECTED =
  'expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages';

/** What is wrong with the URL of a queue, or undefined. The URL itself is not repeated: it may hold a secret. */
export function queueUrlProblem(found: unknown): string | undefined {
  if (typeof found !== 'string') return `${EXPECTED}, found ${another(found)}`;
  return isQueueUrl(found) ? undefined : `${EXPECTED}, found ${wrongText(found)}`;
}

const isQueueUrl = (text: string) => QUEUE_URL.test(text) && URL.canParse(text);

/** What is too much in a URL that is right without it. */
const excess = [
  [/^\s+|\s+$/g, 'with blanks around it'],
  [/[?#].*$/s, 'with more after its name, from ? or # on'],
  [/\/+$/, 'with a slash at its end'],
] as const;

function wrongText(found: string): string {
  if (found.startsWith('arn:')) return 'an ARN: `aws sqs get-queue-url` tells the URL of a queue by its name';
  if (/^https?:\/\/[^/]*@/.test(found)) return 'one with credentials: leave them to the SQS client';
  const tooMuch = excess.find(([part]) => isQueueUrl(found.replace(part, '')));
  return tooMuch === undefined ? another(found) : `one ${tooMuch[1]}: leave that out`;
}

export const queueUrl: Check = (found, name) => {
  const problem = queueUrlProblem(found);
  return problem === undefined ? [] : [`${name}: ${problem}`];
};

/** A dead-letter queue, which must not be the queue itself. */
export const deadLetterQueueUrl: Check = (found, name, given) => {
  const isSame = found !== undefined && found === given['queueUrl'];
  return isSame
    ? [`${name}: expected another queue than queueUrl, found the same`]
    : queueUrl(found, name, given);
};

const NAME_OR_ARN = /^(?:arn:[\w-]+:sqs:[\w-]*:[\w-]*:)?[\w-]{1,80}(?:\.fifo)?$/;

/** What names a queue: its name, its ARN, or its URL. */
export const queue: Check = (found, name) => {
  const isNamed = typeof found === 'string' && NAME_OR_ARN.test(found);
  return isNamed || queueUrlProblem(found) === undefined
    ? []
    : [`${name}: expected the name, URL or ARN of a queue, found ${another(found)}`];
};
