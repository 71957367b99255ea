/** A message at rest in a queue, as the server holds it. */
export type QueuedMessage = StoredMessage & Visibility;

interface StoredMessage {
  readonly messageId: string;
  readonly body: string;
  /** Message attributes by name; binary ones in base64. */
  readonly attributes: Readonly<Record<string, string>>;
  /** How often it was received, here and in the queue it came from. */
  readonly receives: number;
  /** FIFO queues only. */
  readonly groupId: string | undefined;
}

type Visibility =
  | { readonly state: 'waiting' }
  /** `hidden`: received and not deleted. `delayed`: sent with a delay. Both until `visibleAtMs`, since 1970. */
  | { readonly state: 'hidden' | 'delayed'; readonly visibleAtMs: number };

/** How many messages are in each state. */
export interface QueueCounts {
  readonly waiting: number;
  readonly hidden: number;
  readonly delayed: number;
}

/** What the emulator's inspection endpoint answers, as far as we read it. */
interface Inspection {
  readonly messages: {
    readonly ready: readonly InspectedMessage[];
    readonly delayed: readonly InspectedMessage[];
    readonly inflight: readonly { readonly message: InspectedMessage; readonly visibilityDeadline: number }[];
  };
}

interface InspectedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly messageAttributes: Readonly<Record<string, { StringValue?: string; BinaryValue?: string }>>;
  readonly approximateReceiveCount: number;
  readonly delayUntil?: number;
  readonly messageGroupId?: string;
}

/** Reads the emulator's inspection of a queue: waiting messages first, then hidden, then delayed ones. */
export function parseContents(inspection: string, nowMs: number): readonly QueuedMessage[] {
  const { ready, inflight, delayed } = (JSON.parse(inspection) as Inspection).messages;
  return [
    ...ready.map((message) => ({ ...stored(message), state: 'waiting' as const })),
    ...inflight.map(({ message, visibilityDeadline }) => ({
      ...stored(message),
      ...visibility('hidden', visibilityDeadline, nowMs),
    })),
    ...delayed.map((message) => ({
      ...stored(message),
      ...visibility('delayed', message.delayUntil ?? nowMs, nowMs),
    })),
  ];
}

/** Counts the messages in each state. */
export function countByState(messages: readonly QueuedMessage[]): QueueCounts {
  const count = (state: QueuedMessage['state']) =>
    messages.filter((message) => message.state === state).length;
  return { waiting: count('waiting'), hidden: count('hidden'), delayed: count('delayed') };
}

/** The emulator moves a message whose time has come only when somebody receives. */
function visibility(state: 'hidden' | 'delayed', visibleAtMs: number, nowMs: number): Visibility {
  return visibleAtMs <= nowMs ? { state: 'waiting' } : { state, visibleAtMs };
}

function stored(message: InspectedMessage): StoredMessage {
  const attributes = Object.entries(message.messageAttributes).map(
    ([name, { StringValue, BinaryValue }]) => [name, StringValue ?? BinaryValue ?? ''] as const,
  );
  return {
    messageId: message.messageId,
    body: message.body,
    attributes: Object.fromEntries(attributes),
    receives: message.approximateReceiveCount,
    groupId: message.messageGroupId,
  };
}
