/**
 * Most messages in one request
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html).
 */
export const MAX_ENTRIES = 10;

/** Most bytes of one message, and of all messages of one request together: 1 MiB of UTF-8 (same page). */
export const MAX_BYTES = 1_048_576;

/**
 * The longest that a message can be hidden, counted from its receive: 12 hours
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html).
 */
export const MAX_VISIBILITY_MS = 12 * 3_600_000;

/**
 * The longest and the default retention of a queue: 14 days and 4 days
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html).
 */
export const MAX_RETENTION_MS = 14 * 86_400_000;
export const DEFAULT_RETENTION_MS = 4 * 86_400_000;

/**
 * Whether a queue keeps order, by its URL, ARN or name: the name of a FIFO queue ends in `.fifo`
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html).
 */
export const isFifo = (queue: string): boolean => queue.endsWith('.fifo');

/** The name of a queue, which is the end of its URL and of its ARN. */
export function queueName(queue: string): string {
  return /[^/:]+$/.exec(queue)?.[0] ?? '';
}

/** The number in an attribute of a queue, which SQS writes as text; undefined unless it is a whole number. */
export function attributeNumber(attribute: string | undefined): number | undefined {
  return /^\d{1,15}$/.test(attribute ?? '') ? Number(attribute) : undefined;
}

/** A region of any partition: `eu-west-1`, `us-gov-east-1`, `us-isob-east-1`, `eusc-de-east-1`. */
const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;

/**
 * The region that a queue's URL names, or undefined when it names none. Its host does: `sqs.REGION.…`,
 * `sqs-fips.REGION.…` and `ID.sqs.REGION.vpce.…`, or, as of old, `REGION.queue.amazonaws.com` and `queue.amazonaws.com`
 * (https://docs.aws.amazon.com/general/latest/gr/sqs-service.html). An emulator's may have it before the account.
 */
export function regionOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  if (hostname === 'queue.amazonaws.com') return 'us-east-1';
  const labels = hostname.split('.');
  const [, , above = ''] = pathname.split('/').filter(Boolean).toReversed();
  return (
    labels.find(
      (label, index) =>
        REGION.test(label) &&
        (/^sqs(?:-fips)?$/.test(labels[index - 1] ?? '') || labels[index + 1] === 'queue'),
    ) ?? (REGION.test(above) ? above : undefined)
  );
}

/**
 * The host's client of a service, or one that is created, and how to let go of it: one that the host gave stays the host's.
 * @param create makes a client for the region, if one is known.
 */
export function ownOrGiven<Client>(
  given: Client | undefined,
  region: string | undefined,
  create: (known: { readonly region?: string }) => Client & { destroy(): void },
): { readonly client: Client; release(): void } {
  if (given !== undefined) return { client: given, release: () => {} };
  const own = create(region === undefined ? {} : { region });
  return { client: own, release: () => own.destroy() };
}
