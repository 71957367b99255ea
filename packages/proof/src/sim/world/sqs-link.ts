import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type ChangeMessageVisibilityBatchCommandInput,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import type { SqsClient } from '@huntaze/rate-limiter-lambda';
import { ask, type Host, type Passage } from '../parts/host.ts';
import { identityOfLetter } from '../parts/identity.ts';
import type { Queue } from './queue.ts';
import type { World } from './world.ts';

/** SQS as one process reaches it: requests are refused, carried out with their answer lost, or slow. */
export function sqsLink(world: World, host: Host, queue: Queue): SqsClient {
  const { time, faults, judge, trace } = world;
  const random = world.random.fork();
  const passage = (): Passage => ({ thereMs: random.between(1, 20), backMs: random.between(1, 20) });

  const hide = ({ Entries = [] }: ChangeMessageVisibilityBatchCommandInput) => {
    for (const { ReceiptHandle = '', VisibilityTimeout = Number.NaN } of Entries) {
      const message = queue.find(ReceiptHandle);
      if (message) judge.queue.parking(host, message.identity, VisibilityTimeout);
    }
    const refused = faults.strikes('park-refused');
    const partly = !refused && faults.strikes('park-partly-refused');
    if (refused) for (const { ReceiptHandle = '' } of Entries) queue.explain(ReceiptHandle);
    const way = passage();
    const isSlow = faults.strikes('park-slow');
    const answered = () => queue.wasAskedToHide(Entries.map(({ ReceiptHandle = '' }) => ReceiptHandle));
    // Its process may give up before the answer comes.
    if (isSlow) answered();
    return ask(
      time,
      host,
      {
        thereMs: way.thereMs + (isSlow ? random.between(0, 8_000) : 0),
        backMs: way.backMs,
        ...(refused && { refused: new Error('throttled') }),
        ...(faults.strikes('park-reply-lost') && { lost: new Error('connection reset') }),
      },
      () => {
        const failed = Entries.filter(({ ReceiptHandle = '', VisibilityTimeout = Number.NaN }) => {
          if (!partly || random.chance(0.5)) return !queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
          queue.explain(ReceiptHandle);
          return true;
        });
        return { Failed: failed.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })) };
      },
    ).finally(answered);
  };

  const tell = () => {
    return ask(time, host, passage(), () => ({
      Attributes: {
        ApproximateNumberOfMessagesNotVisible: String(queue.hidden),
        VisibilityTimeout: seconds(world.scenario.visibilityMs),
        MessageRetentionPeriod: seconds(world.scenario.retentionMs),
      },
    }));
  };

  const bury = ({ MessageBody = '', MessageAttributes = {} }: SendMessageCommandInput) => {
    const way = passage();
    const reason = MessageAttributes['reason']?.StringValue ?? '';
    const identity = identityOfLetter(MessageBody, queue.name);
    judge.queue.burying(host, identity, reason);
    const refused = faults.strikes('dead-letter-refused');
    const lost = !refused && faults.strikes('dead-letter-reply-lost');
    if (refused || lost) {
      queue.explainAll(identity);
      judge.excuseClaimOf(identity);
    }
    return ask(
      time,
      host,
      {
        ...way,
        ...(refused && { refused: new Error('no such queue') }),
        ...(lost && { lost: new Error('connection reset') }),
      },
      () => {
        const attempts = Number(MessageAttributes['attempts']?.StringValue);
        trace.note('dead-letter', MessageBody.slice(0, 40), reason);
        judge.queue.buried(identity, reason, attempts);
        const attributes = Object.entries(MessageAttributes).map(([name, one]) => [
          name,
          one.StringValue ?? '',
        ]);
        queue.letters.push({ body: MessageBody, attributes: Object.fromEntries(attributes) });
        return { MessageId: 'dead' };
      },
    );
  };

  return {
    send: (command: ChangeMessageVisibilityBatchCommand | SendMessageCommand | GetQueueAttributesCommand) => {
      if (command instanceof SendMessageCommand) return bury(command.input);
      return command instanceof ChangeMessageVisibilityBatchCommand ? hide(command.input) : tell();
    },
  } as SqsClient;
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 1_000));
}
