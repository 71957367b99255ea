import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { SendMessageCommand } from '@aws-sdk/client-sqs';
import { createHandler, memoryLimiter, PermanentError, perMinute } from '@huntaze/rate-limiter-lambda';
import { expect, it } from 'vitest';

const page = await readFile(new URL('../../../../docs/runbook.md', import.meta.url), 'utf8');
const commands = [...page.matchAll(/^ *(aws sqs .*)$/gm)].map(([, command = '']) => command);

/** Both queues as the runbook calls them, by their ARNs, and what lies in them. */
const QUEUE = 'arn:aws:sqs:REGION:AWS_ACCOUNT:rate-limiter';
const DEAD = `${QUEUE}-dead-letters`;

/** Stands in for SQS's own redrive: moves what lies in one queue to the other, bodies unchanged. Gives how many it moved. */
function aws(queues: Readonly<Record<string, string[]>>, command: string): number {
  const [, service, action, ...args] = command.split(' ');
  const options = { 'source-arn': { type: 'string' }, 'destination-arn': { type: 'string' } } as const;
  const { values } = parseArgs({ args, options });
  const source = queues[values['source-arn'] ?? ''];
  expect([service, source], command).toEqual(['sqs', expect.anything()]);
  if (action === 'list-message-move-tasks') return 0;
  expect(action).toBe('start-message-move-task');
  // SQS knows where letters came from that it moved itself, and no others.
  const destination = queues[values['destination-arn'] ?? ''];
  expect(destination, 'a destination that is a queue').toBeDefined();
  const moved = source!.splice(0);
  destination!.push(...moved);
  return moved.length;
}

it("the runbook's commands bring a letter back, and it is delivered", async () => {
  const queues = { [QUEUE]: [] as string[], [DEAD]: [] as string[] };
  const delivered: string[] = [];
  let broken = true;
  const handler = createHandler({
    limits: perMinute(10),
    limiter: memoryLimiter({ upstream: 'example' }),
    deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages-dead',
    sqs: {
      send: async ({ input }: { readonly input: object }) => {
        const { MessageBody } = input as SendMessageCommand['input'];
        if (MessageBody !== undefined) queues[DEAD].push(MessageBody);
        return { Failed: [], Attributes: {} };
      },
    } as never,
    deliver: async ({ id }) => {
      if (broken) throw new PermanentError('the upstream answered 401');
      delivered.push(id);
    },
  });
  const receive = async (messageId: string, body: string) => {
    const eventSourceARN = 'arn:aws:sqs:eu-west-1:123456789012:messages';
    const record = { messageId, receiptHandle: messageId, body, attributes: {}, eventSourceARN };
    expect(await handler({ Records: [record] })).toEqual({ batchItemFailures: [] });
  };
  await receive('1', '{"v":1,"id":"a","key":"k","priority":"low","enqueuedAtMs":1,"payload":{}}');
  broken = false;

  const moved = commands.map((command) => aws(queues, command));
  for (const body of queues[QUEUE]) await receive('2', body);

  expect(moved).toEqual([1, 0]);
  expect(delivered).toEqual(['a']);
});

it('the runbook tells how often the example and the default try a message', async () => {
  const read = (path: string) => readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8');
  const [, tried] = /maxAttempts: (\d+)/.exec(await read('examples/lambda-deploy/src/handler.ts')) ?? [];
  const [, byDefault] = /`maxAttempts` +\| (\d+) /.exec(await read('docs/handler.md')) ?? [];

  expect(page).toContain(`${tried} in \`examples/lambda-deploy\` and ${byDefault} by default`);
  expect(page).toContain(`in the example ${tried} within`);
});

it('the runbook calls the queues as the example does', async () => {
  const terraform = await readFile(
    new URL('../../../../examples/lambda-deploy/terraform/queue.tf', import.meta.url),
    'utf8',
  );
  const names = [...terraform.matchAll(/ name += (.*)$/gm)].map(([, name = '']) =>
    name.replaceAll('"', '').replace(/(?:\$\{)?var\.name\}?/, 'rate-limiter'),
  );

  expect(names).toEqual([QUEUE, DEAD].map((arn) => arn.split(':').at(-1)));
});
