/** A backlog of one account and the upstream it must go through. */
export interface Work {
  readonly limit: number;
  readonly windowMs: number;
  /** Calls the upstream once. Throws when it refuses. */
  deliver(message: { readonly id: string; readonly key: string }): Promise<void>;
}

/** When the last of `messages` can be sent at the earliest: whole bursts, one window apart. */
export function idealMs(messages: number, { limit, windowMs }: Pick<Work, 'limit' | 'windowMs'>): number {
  return Math.floor((messages - 1) / limit) * windowMs;
}
