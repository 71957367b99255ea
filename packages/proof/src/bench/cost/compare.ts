import type { LambdaHandler } from '@huntaze/testkit';
import type { Redis } from 'ioredis';
import { obvious, ours } from '../../drain/comparison.ts';
import { drain, type DrainOptions, type DrainReport } from '../../drain/drain.ts';
import { table, whole } from '../report/table.ts';

/** High enough that nothing becomes a dead letter: both handlers deliver the whole backlog. */
const NO_LOSS = 1_000;

interface Bill {
  readonly report: DrainReport;
  /** Time in handlers, each invocation rounded up to a millisecond, as Lambda bills it. */
  readonly billedMs: number;
}

/** Drains the same backlog through our handler and the obvious one, and describes what AWS would count in Markdown. */
export async function compareCosts(redis: Redis, prefix: string): Promise<string> {
  const options = ours(redis, prefix);
  const { messages, limit, windowMs, visibilitySeconds } = options;
  const bills = [
    await billed({ ...options, maxReceiveCount: NO_LOSS }),
    await billed({ ...obvious, maxReceiveCount: NO_LOSS }),
  ];
  const row = (name: string, read: (bill: Bill) => number) => [
    name,
    ...bills.map((bill) => whole(read(bill))),
  ];
  return [
    `Per 1,000 messages delivered, scaled from the drain of ${messages} through real services (src/drain): ${limit} per`,
    `${windowMs} ms, visibility ${visibilitySeconds} s, no message lost.`,
    '',
    table(
      ['per 1,000 messages', 'ours', 'the obvious handler'],
      [
        row('receives', (bill) => perThousand(bill, bill.report.receivesPerMessage * bill.report.messages)),
        row('Lambda invocations', (bill) => perThousand(bill, bill.report.invocations)),
        row('billed ms', (bill) => perThousand(bill, bill.billedMs)),
        row('most receives of one message', ({ report }) => report.mostReceives),
      ],
    ),
  ].join('\n');
}

function perThousand({ report }: Bill, figure: number): number {
  return (1_000 * figure) / report.delivered;
}

async function billed(options: DrainOptions): Promise<Bill> {
  let billedMs = 0;
  const timed =
    (handler: LambdaHandler): LambdaHandler =>
    async (event, context) => {
      const startedMs = performance.now();
      try {
        return await handler(event, context);
      } finally {
        billedMs += Math.ceil(performance.now() - startedMs);
      }
    };
  const report = await drain({ ...options, makeHandler: (...given) => timed(options.makeHandler(...given)) });
  return { report, billedMs };
}
