import type { LimiterOperations } from '@huntaze/rate-limiter-lambda';

/** What an operator asks for: `{ "action": "inspect", "account": "…" }`, with a `messageId` to find or cancel one, and its `life` if it came back as a dead letter. */
export type Operate = (request: unknown) => Promise<object>;

/** Answers operators, who cannot reach the limiter's Redis from where they are. */
export function operateOn(limiter: LimiterOperations, queueUrl: string | undefined): Operate {
  return async (request) => {
    const { action, account, messageId, life } = Object(request) as Readonly<Record<string, unknown>>;
    const key = textOf('account', account);
    const of = { queueUrl, life: life === undefined ? 1 : Number(life) };
    switch (action) {
      case 'inspect':
        return { account, ...(await limiter.inspect(key)) };
      case 'pause':
        await limiter.pause(key);
        return { account, paused: true };
      case 'resume':
        await limiter.resume(key);
        return { account, paused: false };
      case 'find':
        return { account, messageId, ...(await limiter.find(key, textOf('messageId', messageId), of)) };
      case 'cancel':
        return {
          account,
          messageId,
          cancelled: await limiter.cancel(key, textOf('messageId', messageId), of),
        };
      default:
        throw new Error('action: expected inspect, pause, resume, find or cancel, found another');
    }
  };
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`${name}: expected a text, found none`);
}
