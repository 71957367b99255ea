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
      const reply = (await ask('inspect', scripts.inspect, accountOf(key, of), [])) as number[];
      const [nowUs = 0, waiting = 0, delivering = 0, free = -1, lastDueUs, heldUntilUs, paused] = reply;
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
      const [nowUs, found] = reply as [number, FindReply];
      return toState(found, after(nowUs));
    },
    pause: async (key, of) => void (await pauseFor(accountOf(key, of), PAUSE_MEMORY_MS)),
    resume: async (key, of) => void (await pauseFor(accountOf(key, of), 0)),
    async cancel(key, id, of) {
      const { account, message } = names.messageByOperator(key, id, of);
      return (await ask('cancel', scripts.cancel, account, [message, memory])) === 1;
    },
  };
}

type FindReply =
  | ['waiting', dueUs: number, position: number, attempts: number]
  | ['delivering', attempt: number, leaseUntilUs: number]
  | ['retrying', attempts: number, retryUs: number]
  | ['condemned', attempts: number]
  | ['delivered' | 'dead' | 'unknown'];

function toState(reply: FindReply, toMs: ToMs): MessageState {
  switch (reply[0]) {
    case 'waiting':
      return { state: 'waiting', dueAtMs: toMs(reply[1]), position: reply[2], attempts: reply[3] };
    case 'delivering':
      return { state: 'delivering', attempt: reply[1], leaseUntilMs: toMs(reply[2]) };
    case 'retrying':
      return { state: 'retrying', attempts: reply[1], retryAtMs: toMs(reply[2]) };
    case 'condemned':
      return { state: 'condemned', attempts: reply[1] };
    default:
      return { state: reply[0] };
  }
}
