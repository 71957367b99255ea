/** What travels beside a body, by name. */
export type Attributes = Readonly<Record<string, string>>;

/** A message as SQS keeps it. */
export interface QueuedMessage {
  readonly sqsId: string;
  readonly body: string;
  /** Key and id of what it carries; of a body that nobody can read, its text. */
  readonly identity: string;
  readonly sentAtMs: number;
  readonly attributes: Attributes;
  receives: number;
  /** How many receives have a reason: the first, parks, deliveries, faults. */
  explained: number;
  firstReceivedAtMs: number;
  receipt: string;
  /** Grows whenever the visibility changes: an older wake-up then means nothing. */
  epoch: number;
  visible: boolean;
}
