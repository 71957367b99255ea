import { expect, it } from 'vitest';
import { makeClient } from './client.fixture.ts';
import { memoryFallbackStore } from './fallback/memory-store.ts';

/** Files of this repository's packages on a stack, tests left out, each once, the innermost first. */
function ownFilesOn(stack: string): readonly string[] {
  const files = [...stack.matchAll(/packages\/(?:client|kit)\/src\/([\w/.-]+)\.ts/g)].map(
    ([, path = '']) => path,
  );
  return [...new Set(files)].filter((path) => !/\.test$|\.fixture$/.test(path));
}

/** An SQS client that takes every message and keeps the stack of each call. */
function watchedSqs() {
  const stacks: string[] = [];
  return {
    stacks,
    async send({ input }: { readonly input: object }) {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = Number.POSITIVE_INFINITY;
      stacks.push(new Error('called').stack ?? '');
      Error.stackTraceLimit = limit;
      const { Entries = [] } = input as { readonly Entries?: readonly { readonly Id: string }[] };
      return { Successful: Entries.map(({ Id }) => ({ Id })) };
    },
  };
}

it.each([
  ['without a fallback store', undefined],
  ['with a fallback store', memoryFallbackStore()],
])('a message passes five files at most from send to SQS %s', async (_, fallbackStore) => {
  const sqs = watchedSqs();
  const { client } = makeClient({ sqs, fallbackStore });

  await client.send({ key: 'k', payload: null });

  const files = sqs.stacks.map(ownFilesOn);
  expect(files).toHaveLength(1);
  expect(files[0]).toContain('client');
  expect(files[0], files[0]?.join(' ← ')).toSatisfy((found: readonly string[]) => found.length <= 5);
});
