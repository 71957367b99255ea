import { ChangeMessageVisibilityBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Admission, Handler, Limiter, SqsClient } from '@huntaze/rate-limiter-lambda';
import { FIRST_QUEUE, identityOfLetter } from '../parts/identity.ts';
import { mutant, sending, type Mutant } from './mutant.ts';
import type { Safeguards } from '../parts/safeguards.ts';

/** Worlds in which a process does not hear, tell or do what keeps a message from being lost or sent twice. */
export const fateMutants: readonly Mutant[] = [
  mutant('a lost claim: its process hears that it was renewed', ['claim'], 16, {
    seenLimiter: (limiter) => ({
      ...limiter,
      async renew(request) {
        await limiter.renew(request);
        return request.claims.map(() => true);
      },
    }),
  }),
  mutant('the renewal: it never reaches the limiter', ['claim', 'effect'], 55, {
    seenLimiter: (limiter) => ({
      ...limiter,
      renew: (request) => Promise.resolve(request.claims.map(() => true)),
    }),
  }),
  mutant('the takeover: nobody hears that the claim before ran out', ['effect'], 14, {
    limiter: (limiter) => ({
      ...limiter,
      admit: async (request) => (await limiter.admit(request)).map(withoutTakeover),
    }),
  }),
  mutant('parking: nothing is hidden', ['response', 'receives'], 1, {
    seenSqs: (sqs) =>
      sending(sqs, (send, command) => (isParking(command) ? Promise.resolve({ Failed: [] }) : send(command))),
  }),
  mutant('parking before the list: nobody waits for it', ['response'], 1, {
    seenSqs: (sqs) =>
      sending(sqs, (send, command) => {
        const sent = send(command);
        if (!isParking(command)) return sent;
        sent.catch(() => undefined);
        return Promise.resolve({ Failed: [] });
      }),
  }),
  mutant('twins: the second of them counts as finished', ['conservation'], 2, { handler: withoutTwins }),
  mutant('the dead letter before its record', ['conservation'], 1, recordBeforeTheLetter()),
];

/** Who comes twice in a batch is not listed. */
function withoutTwins(handler: Handler): Handler {
  return async (event, context) => {
    const { batchItemFailures } = await handler(event, context);
    const ids = event.Records.map(({ messageId }) => messageId);
    const isTwin = (id: string) => ids.indexOf(id) !== ids.lastIndexOf(id);
    return { batchItemFailures: batchItemFailures.filter(({ itemIdentifier }) => !isTwin(itemIdentifier)) };
  };
}

function withoutTakeover(admission: Admission): Admission {
  return admission.kind === 'granted'
    ? { ...admission, claim: { ...admission.claim, takeover: false } }
    : admission;
}

function isParking(command: unknown): command is ChangeMessageVisibilityBatchCommand {
  return command instanceof ChangeMessageVisibilityBatchCommand;
}

/** A dead letter that settles a claim is sent when the claim is settled. */
function recordBeforeTheLetter(): Pick<Safeguards, 'seenSqs' | 'seenLimiter'> {
  const letters = new Map<string, () => Promise<unknown>>();
  const seenLimiter = (limiter: Limiter): Limiter => ({
    ...limiter,
    async settle(request) {
      const taken = await limiter.settle(request);
      for (const { id, outcome } of request.settlements) {
        const identity = `${request.key} ${id}`;
        const letter = outcome === 'dead' ? letters.get(identity) : undefined;
        letters.delete(identity);
        await letter?.().catch(() => undefined);
      }
      return taken;
    },
  });
  const seenSqs = (sqs: SqsClient): SqsClient =>
    sending(sqs, (send, command) => {
      if (!(command instanceof SendMessageCommand) || !settles(command)) return send(command);
      letters.set(identityOfLetter(command.input.MessageBody ?? '', FIRST_QUEUE), () => send(command));
      return Promise.resolve({ MessageId: 'later' });
    });
  return { seenLimiter, seenSqs };
}

function settles({ input }: SendMessageCommand): boolean {
  const reason = input.MessageAttributes?.['reason']?.StringValue ?? '';
  return ['attempts-exhausted', 'refused', 'uncertain'].includes(reason);
}
