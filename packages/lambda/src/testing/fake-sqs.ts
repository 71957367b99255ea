import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SqsClient } from '../sqs/sqs-client.ts';

/** A message that was set aside. */
export interface SentDeadLetter {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
}

/** Remembers what the handler asked of SQS. */
export interface FakeSqs extends SqsClient {
  /** What was hidden, in order; refused ones are left out. */
  readonly parked: readonly { readonly messageId: string; readonly visibilitySeconds: number }[];
  /** Every ChangeMessageVisibilityBatch, as its queue and the number of its entries. */
  readonly parkCalls: readonly { readonly queueUrl: string | undefined; readonly entries: number }[];
  readonly deadLetters: readonly SentDeadLetter[];
  /** How often the attributes of the queue were read. */
  readonly attributeReads: number;
}

/** How SQS misbehaves. What throws, fails the whole call. */
export interface SqsFaults {
  /** Gives the messages that are refused. */
  readonly park?: (messageIds: readonly string[]) => readonly string[];
  readonly bury?: (body: string) => void;
  /** What it says of the queue, beyond the default. */
  readonly attributes?: () => Readonly<Record<string, string>>;
}

/** SQS quotas: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_ENTRIES = 10;
const MAX_ATTRIBUTES = 10;
const MAX_VISIBILITY_SECONDS = 43_200;
const FORBIDDEN_IN_ATTRIBUTE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** An idle queue with a retention of 4 days. */
const DEFAULT_ATTRIBUTES = {
  ApproximateNumberOfMessagesNotVisible: '0',
  VisibilityTimeout: '180',
  MessageRetentionPeriod: '345600',
};

/** SQS as the handler sees it: strict about what AWS refuses, and broken where a test says so. */
export function fakeSqs({
  park = () => [],
  bury = () => {},
  attributes: told = () => ({}),
}: SqsFaults = {}): FakeSqs {
  const attributeReads = { count: 0 };
  const parked: { messageId: string; visibilitySeconds: number }[] = [];
  const parkCalls: { queueUrl: string | undefined; entries: number }[] = [];
  const deadLetters: SentDeadLetter[] = [];

  const hide = ({ QueueUrl, Entries = [] }: ChangeMessageVisibilityBatchCommand['input']) => {
    parkCalls.push({ queueUrl: QueueUrl, entries: Entries.length });
    const ids = new Set(Entries.map(({ Id }) => Id));
    refuseUnless(Entries.length >= 1 && Entries.length <= MAX_ENTRIES, 'TooManyEntriesInBatchRequest');
    refuseUnless(ids.size === Entries.length, 'BatchEntryIdsNotDistinct');
    const wanted = Entries.map(({ Id, ReceiptHandle = '', VisibilityTimeout = Number.NaN }) => {
      const whole = Number.isInteger(VisibilityTimeout);
      refuseUnless(
        whole && VisibilityTimeout >= 0 && VisibilityTimeout < MAX_VISIBILITY_SECONDS,
        'InvalidParameterValue',
      );
      const messageId = ReceiptHandle.replace('handle of ', '');
      return { Id, messageId, visibilitySeconds: VisibilityTimeout };
    });
    const refused = park(wanted.map(({ messageId }) => messageId));
    const [Failed, hidden] = partition(wanted, ({ messageId }) => refused.includes(messageId));
    parked.push(...hidden.map(({ messageId, visibilitySeconds }) => ({ messageId, visibilitySeconds })));
    return { Failed: Failed.map(({ Id }) => ({ Id, Code: 'MessageNotInflight', SenderFault: true })) };
  };

  const setAside = (input: SendMessageCommand['input']) => {
    const { MessageBody: body = '', MessageAttributes = {}, MessageGroupId, MessageDeduplicationId } = input;
    bury(body);
    const attributes = Object.entries(MessageAttributes).map(
      ([name, { StringValue = '' }]) => [name, StringValue] as const,
    );
    refuseUnless(attributes.length <= MAX_ATTRIBUTES, 'InvalidParameterValue');
    for (const [, value] of attributes) {
      refuseUnless(value !== '' && !FORBIDDEN_IN_ATTRIBUTE.test(value), 'InvalidParameterValue');
    }
    deadLetters.push({
      body,
      attributes: Object.fromEntries(attributes),
      groupId: MessageGroupId,
      deduplicationId: MessageDeduplicationId,
    });
    return { MessageId: `dead-${deadLetters.length}` };
  };

  const send = async (
    command: ChangeMessageVisibilityBatchCommand | SendMessageCommand | GetQueueAttributesCommand,
  ) => {
    if (command instanceof SendMessageCommand) return setAside(command.input);
    if (command instanceof ChangeMessageVisibilityBatchCommand) return hide(command.input);
    attributeReads.count++;
    return { Attributes: { ...DEFAULT_ATTRIBUTES, ...told() } };
  };
  return {
    send: send as SqsClient['send'],
    parked,
    parkCalls,
    deadLetters,
    get attributeReads() {
      return attributeReads.count;
    },
  };
}

function refuseUnless(acceptable: boolean, name: string): void {
  if (!acceptable) throw Object.assign(new Error(`SQS refuses: ${name}`), { name });
}

function partition<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
