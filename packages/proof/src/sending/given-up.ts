import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Sqs } from '@huntaze/rate-limiter-client';

/** An SQS client that tells which bodies were in a request that its caller gave up: their fate is unknown to it. */
export function tellingGivenUp(sqs: SQSClient, tell: (bodies: readonly string[]) => void): Sqs {
  return {
    async send(command, options) {
      try {
        return await (sqs as Sqs).send(command, options);
      } finally {
        const { Entries = [] } = command.input as { Entries?: readonly { MessageBody: string }[] };
        if (options?.abortSignal?.aborted) tell(Entries.map(({ MessageBody }) => MessageBody));
      }
    },
  };
}
