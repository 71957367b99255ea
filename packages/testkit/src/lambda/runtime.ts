// The program of one execution environment: loads a function as Lambda's runtime does, then runs what it is sent.
// Arguments: the file of the function, the name of its export.
import { pathToFileURL } from 'node:url';
import type { LambdaHandler } from '../mapping/invoke.ts';
import type { InvokeRequest, RuntimeSays } from './protocol.ts';

const [file = '', name = ''] = process.argv.slice(2);
const say = (words: RuntimeSays) => process.send?.(words);

const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
const handler = loaded[name];
if (typeof handler !== 'function') throw new Error(`expected a function ${name} in ${file}, found none`);

process.on('message', (request: InvokeRequest) => void run(handler as LambdaHandler, request));
// Nobody is left to ask for anything.
process.on('disconnect', () => process.exit());
say({ kind: 'ready' });

async function run(
  lambdaHandler: LambdaHandler,
  { event, context, deadlineAtMs }: InvokeRequest,
): Promise<void> {
  const getRemainingTimeInMillis = () => Math.max(0, deadlineAtMs - Date.now());
  try {
    const answer: unknown = await lambdaHandler(event, {
      ...context,
      callbackWaitsForEmptyEventLoop: true,
      logGroupName: `/aws/lambda/${context.functionName}`,
      logStreamName: 'testkit',
      getRemainingTimeInMillis,
      done: refuseCallback,
      fail: refuseCallback,
      succeed: refuseCallback,
    });
    // What JSON cannot say at the top, such as undefined, the runtime answers as null.
    say({ kind: 'returned', text: JSON.stringify(answer) ?? 'null' });
  } catch (error) {
    const { name: errorName, message } = error instanceof Error ? error : new Error(String(error));
    say({ kind: 'threw', name: errorName, message });
  }
}

function refuseCallback(): never {
  throw new Error(
    'expected the handler to return a promise, found a call of a callback: nodejs24.x has none',
  );
}
