import type { Admitting, Contender } from './contender.ts';

/** How one round is run. */
export interface Load {
  /** Calls under way at a time. */
  readonly callers: number;
  /** Accounts that the calls take turns among. */
  readonly keys: number;
  /** A multiple of {@link SLICE}. */
  readonly messages: number;
}

/** Deliveries of so many messages are under way at most before they are tidied up. */
const SLICE = 2_000;

/** Admitted messages per second of one round. `round` names its accounts, which no other round uses. */
export async function measure(
  { messagesPerCall }: Contender,
  admitting: Admitting,
  { callers, keys, messages }: Load,
  round: string,
): Promise<number> {
  let elapsedMs = 0;
  const callsPerSlice = SLICE / messagesPerCall;
  for (let slice = 0; slice < messages / SLICE; slice++) {
    let next = slice * callsPerSlice;
    const end = next + callsPerSlice;
    const caller = async () => {
      while (next < end) {
        const call = next++;
        await admitting.call(`${round}-${call % keys}`, call);
      }
    };
    const startedMs = performance.now();
    await Promise.all(Array.from({ length: callers }, caller));
    elapsedMs += performance.now() - startedMs;
    await admitting.tidy();
  }
  return messages / (elapsedMs / 1_000);
}
