import { randomUUID } from 'node:crypto';
import type { Context, SQSEvent } from 'aws-lambda';

/** A Lambda function for SQS as the Node.js runtime calls it. Callbacks are gone since nodejs24.x. */
export type LambdaHandler = (event: SQSEvent, context: Context) => unknown;

/** How one invocation ended. */
export type Invocation =
  /** `text` is the answer as JSON. */
  | { readonly kind: 'returned'; readonly text: string; readonly durationMs: number }
  | { readonly kind: 'threw'; readonly error: unknown; readonly durationMs: number }
  | { readonly kind: 'timed-out'; readonly durationMs: number };

/**
 * Calls a function once, as Lambda does: event and answer travel as JSON, and after `timeoutMs` the call has failed.
 * Unlike Lambda it cannot freeze the function: what it does after its time is its own affair, like that of a
 * frozen sandbox which resumes. Never rejects.
 */
export async function invoke(
  handler: LambdaHandler,
  event: SQSEvent,
  timeoutMs: number,
): Promise<Invocation> {
  const startedAtMs = performance.now();
  const deadline = Promise.withResolvers<'timed-out'>();
  const timer = setTimeout(() => deadline.resolve('timed-out'), timeoutMs);
  const answer = call(handler, event, lambdaContext(event, startedAtMs + timeoutMs));
  const first = await Promise.race([answer, deadline.promise]);
  clearTimeout(timer);
  if (first === 'timed-out') return { kind: 'timed-out', durationMs: timeoutMs };
  return { ...first, durationMs: performance.now() - startedAtMs };
}

type Answer =
  | { readonly kind: 'returned'; readonly text: string }
  | { readonly kind: 'threw'; readonly error: unknown };

async function call(handler: LambdaHandler, event: SQSEvent, context: Context): Promise<Answer> {
  try {
    const result: unknown = await handler(JSON.parse(JSON.stringify(event)) as SQSEvent, context);
    // What JSON cannot say at the top, such as undefined, the runtime answers as null.
    return { kind: 'returned', text: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return { kind: 'threw', error };
  }
}

function lambdaContext(event: SQSEvent, deadlineMs: number): Context {
  const region = event.Records[0]?.awsRegion ?? '';
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'testkit',
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:testkit`,
    memoryLimitInMB: '128',
    awsRequestId: randomUUID(),
    logGroupName: '/aws/lambda/testkit',
    logStreamName: 'testkit',
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadlineMs - performance.now())),
    done: refuseCallback,
    fail: refuseCallback,
    succeed: refuseCallback,
  };
}

function refuseCallback(): never {
  throw new Error(
    'expected the handler to return a promise, found a call of a callback that nodejs24.x no longer has',
  );
}
