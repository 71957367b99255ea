import type { Verdict } from '../limiter.ts';

/** What is known of one message. */
export type MessageRecord = UnfinishedRecord | SettledRecord;

interface Attempted {
  readonly attempt: number;
  readonly position: number;
  /** Whether an earlier claim ran out without an outcome, and nothing was attempted since. */
  readonly takeover: boolean;
  /** How often the upstream asked for silence instead of taking it. */
  readonly throttles: number;
  readonly untilUs: number;
}

export type UnfinishedRecord =
  | (Attempted & {
      readonly state: 'claimed';
      readonly token: number;
      readonly cost: number;
      /** From when its slots count once it has ended, at the earliest. */
      readonly stampUs: number;
      /** Which call admitted it. */
      readonly call: number;
    })
  | (Attempted & { readonly state: 'ready' })
  | { readonly state: 'condemned'; readonly token: number; readonly verdict: Verdict };

export interface SettledRecord {
  readonly state: 'settled';
  readonly outcome: 'delivered' | 'dead';
}

/** What is known of the messages of one key. */
export interface Records {
  get(id: string, nowUs: number): MessageRecord | undefined;
  put(id: string, record: MessageRecord, nowUs: number): void;
  /** Whether nothing is remembered any more. */
  isEmpty(nowUs: number): boolean;
}
