import { MAX_BYTES } from '@huntaze/kit';
import type { PayloadProblem } from '../contract/index.ts';

/** What is wrong with a message of so many bytes, or undefined when SQS accepts it. */
export function sizeProblem(bytes: number): PayloadProblem | undefined {
  if (bytes <= MAX_BYTES) return undefined;
  return {
    path: 'payload',
    message: `expected a message of at most ${MAX_BYTES} bytes (1 MiB), found ${bytes}: store large content elsewhere and send its address`,
  };
}
