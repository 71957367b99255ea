import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type ChangeMessageVisibilityBatchCommandInput,
} from '@aws-sdk/client-sqs';
import type { Clock, Message } from '@huntaze/rate-limiter-client/contract';
import {
  PermanentError,
  RetryAfterError,
  type Admission,
  type Deliver,
  type Limiter,
  type SqsClient,
} from '@huntaze/rate-limiter-lambda';
import type { SeededRandom } from '../sim/engine/random.ts';
import { pick } from './hostile-event.ts';

/** What the handler did to the world that matters for its answer. */
export interface Notes {
  /** Receipts of the records that it hid. */
  readonly parked: Set<string>;
  /** Bodies of dead letters that may have been taken. */
  readonly buried: Set<string>;
  /** Messages, by {@link nameOf}, that are final by what the upstream or the limiter said. */
  readonly final: Set<string>;
}

export function openNotes(): Notes {
  return { parked: new Set(), buried: new Set(), final: new Set() };
}

type Asked = Pick<Message, 'key' | 'id'>;

/** Tells messages apart: their key, id and life. */
export function nameOf({ key, id, life = 1 }: Asked & { readonly life?: number | undefined }): string {
  return `${key} ${id} ${life}`;
}

const never = <Answer>() => new Promise<Answer>(() => {});

/** A limiter that answers anything, fails or says nothing. */
export function hostileLimiter(random: SeededRandom, clock: Clock, { final }: Notes): Limiter {
  let token = 0;
  const fails = () => {
    if (random.chance(0.05)) throw thrown(random);
    return random.chance(0.02);
  };
  return {
    async admit({ key, candidates, leaseMs }) {
      if (fails()) return await never();
      return candidates.map(({ id, life }): Admission => {
        const inMs = pick(random, [-5_000, 0, 1, 900, 2_000, 61_000, 1e9, 1e15]);
        switch (random.below(6)) {
          case 0:
            return { kind: 'wait', dueAtMs: clock.nowMs() + inMs, position: random.below(9) };
          case 1:
            return { kind: 'busy', retryAtMs: clock.nowMs() + inMs };
          case 2:
            final.add(nameOf({ key, id, life }));
            return { kind: 'settled', outcome: 'delivered' };
          default: {
            const attempt = 1 + random.below(7);
            const takeover = random.chance(0.2);
            const leaseUntilMs = clock.nowMs() + leaseMs;
            return {
              kind: 'granted',
              claim: { key, id, life, token: ++token, attempt, takeover, leaseUntilMs },
            };
          }
        }
      });
    },
    async settle({ settlements }) {
      if (fails()) return await never();
      return settlements.map(() => random.chance(0.9));
    },
    async renew({ claims }) {
      if (fails()) return await never();
      return claims.map(() => random.chance(0.9));
    },
  };
}

/** SQS that takes, refuses, fails or says nothing. */
export function hostileSqs(random: SeededRandom, { parked, buried }: Notes): SqsClient {
  const fails = () => {
    if (random.chance(0.05)) throw thrown(random);
    return random.chance(0.02);
  };
  const hide = async ({ Entries = [] }: ChangeMessageVisibilityBatchCommandInput) => {
    for (const { ReceiptHandle = '' } of Entries) parked.add(ReceiptHandle);
    if (fails()) return await never();
    return {
      Failed: Entries.filter(() => random.chance(0.05)).map(({ Id }) => ({ Id, Code: 'InternalError' })),
    };
  };
  const tell = async () => {
    if (fails()) return await never();
    const odd = ['', 'NaN', '-1', '1e999'];
    return {
      Attributes: {
        ApproximateNumberOfMessagesNotVisible: pick(random, ['0', '100000', ...odd]),
        VisibilityTimeout: pick(random, ['180', ...odd]),
        MessageRetentionPeriod: pick(random, ['345600', '345600', '60', ...odd]),
      },
    };
  };
  const bury = async (body: string) => {
    const silent = fails();
    buried.add(body);
    return silent ? await never() : { MessageId: 'dead' };
  };
  return {
    send: (command: ChangeMessageVisibilityBatchCommand | SendMessageCommand | GetQueueAttributesCommand) => {
      if (command instanceof SendMessageCommand) return bury(command.input.MessageBody ?? '');
      return command instanceof ChangeMessageVisibilityBatchCommand ? hide(command.input) : tell();
    },
  } as SqsClient;
}

/** An upstream that takes a message, throws anything, or does not come to an end. */
export function hostileUpstream(random: SeededRandom, clock: Clock, { final }: Notes): Deliver<unknown> {
  return async ({ key, id, life }, { signal }) => {
    const deaf = random.chance(0.1);
    const tookMs = pick(random, [0, 0, 50, 3_000, 100_000]);
    if (tookMs > 0) await clock.sleep(tookMs, deaf ? undefined : signal);
    if (signal.aborted && !deaf) throw signal.reason as Error;
    switch (random.below(8)) {
      case 0:
        throw new Error('bad gateway');
      case 1:
        throw new PermanentError('refused \uD800');
      case 2:
        throw new RetryAfterError({ retryAfterMs: pick(random, [0, 1_000, 1e12]) });
      case 3:
        throw thrown(random);
      default:
        final.add(nameOf({ key, id, life }));
    }
  };
}

/** Anything can be thrown. */
function thrown(random: SeededRandom): Error {
  const odd: readonly unknown[] = [undefined, null, 'text', 7, Object.create(null), trap];
  return random.chance(0.5) ? new Error('a fault') : (pick(random, odd) as Error);
}

/** An error that fights back when it is looked at. */
const trap = new Proxy(new Error('trap'), {
  get() {
    throw new Error('do not look');
  },
});
