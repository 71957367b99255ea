import { describe, expect, it } from 'vitest';
import { makeHandler } from '../src/testing/make-handler.ts';
import { record, sqsEvent } from '../src/testing/records.ts';

/** The project's own files on the present stack, each once, the outermost first. */
function ownFiles(): readonly string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  const { stack = '' } = new Error('where');
  Error.stackTraceLimit = limit;
  const files = [...stack.matchAll(/packages\/(\w+\/src\/[\w./-]+\.ts):/g)].map(([, file]) => file!);
  return [...new Set(files)]
    .filter((file) => !file.includes('.test.') && !file.includes('/testing/'))
    .toReversed();
}

describe('one message', () => {
  it('passes four files from the event to deliver', async () => {
    const seen: string[][] = [];
    const { handler } = makeHandler({ deliver: async () => void seen.push([...ownFiles()]) });

    await handler(sqsEvent(record()));

    expect(seen).toEqual([
      [
        'lambda/src/handler.ts',
        'lambda/src/process-batch.ts',
        'lambda/src/attempt/attempt.ts',
        'client/src/contract/guarded-ports.ts',
      ],
    ]);
  });
});
