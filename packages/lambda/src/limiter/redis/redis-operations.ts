import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Naming } from '../identity.ts';
import { PAUSE_MEMORY_MS, type LimiterOperations, type MessageState, type OfQueue } from '../operations.ts';
import type { ToMs } from '../clock-domains.ts';
import type { Script } from './script.ts';
import { scripts } from './scripts.ts';
import { US_PER_MS } from '../limits/rules.ts';

export interface RedisOperationsOptions {
  readonly clock: Clock;
  readonly rememberMs: number;
  readonly names: Naming;
  /** Runs a script on the keys of an account. */
  ask(name: string, operation: Script, account: string, args: readonly string[]): Promise<unknown>;
}

/** What operators ask, each in one script call. */
export function redisOperations({
  clock,
  rememberMs,
  names,
  ask,
}: RedisOperationsOptions): LimiterOperations {
  const after = (nowUs: number) => (instantUs: number) =>
    clock.nowMs() + Math.ceil((instantUs - nowUs) / US_PER_MS);
  const memory = String(rememberMs * US_PER_MS);
  const accountOf = (key: string, of?: OfQueue) => names.account(names.byOperator(key, of));
  const pauseFor = (account: string, ms: number) =>
    ask('pause', scripts.pause, account, [String(ms * US_PER_MS)]);
  return {
    async inspect(key, of) {
      const reply = (await ask('inspect', scripts.inspect, accountOf(key, of), [])) as unknown[];
      const [nowUs = 0, waiting = 0, delivering = 0, free = -1, lastDueUs, heldUntilUs, paused] =
        reply.map(Number);
      return {
        waiting,
        delivering,
        slotsFree: free < 0 ? undefined : free,
        lastDueAtMs: lastDueUs ? after(nowUs)(lastDueUs) : undefined,
        heldUntilMs: heldUntilUs ? after(nowUs)(heldUntilUs) : undefined,
        paused: paused === 1,
      };
    },
    async find(key, id, of) {
      const { account, message } = names.messageByOperator(key, id, of);
      const reply = await ask('find', scripts.find, account, [message, memory]);
      const [nowUs, [state, ...numbers]] = reply as [unknown, [MessageState['state'], ...unknown[]]];
      return toState(state, numbers.map(Number), after(Number(nowUs)));
    },
    pause: async (key, of) => void (await pauseFor(accountOf(key, of), PAUSE_MEMORY_MS)),
    resume: async (key, of) => void (await pauseFor(accountOf(key, of), 0)),
    async cancel(key, id, of) {
      const { account, message } = names.messageByOperator(key, id, of);
      return Number(await ask('cancel', scripts.cancel, account, [message, memory])) === 1;
    },
  };
}

/** @param numbers as `lua/find.lua` lists them for each state. */
function toState(
  state: MessageState['state'],
  [first = 0, second = 0, third = 0]: readonly number[],
  toMs: ToMs,
): MessageState {
  switch (state) {
    case 'waiting':
      return { state, dueAtMs: toMs(first), position: second, attempts: third };
    case 'delivering':
      return { state, attempt: first, leaseUntilMs: toMs(second) };
    case 'retrying':
      return { state, attempts: first, retryAtMs: toMs(second) };
    case 'condemned':
      return { state, attempts: first };
    default:
      return { state };
  }
}
