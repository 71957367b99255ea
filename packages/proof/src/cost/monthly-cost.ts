/** Hours of a month, as AWS counts them. */
const HOURS = 730;

/** A price of AWS in us-east-1, on demand, in US dollars, without any free tier. */
interface Price {
  readonly usd: number;
  readonly per: string;
  /** Its name in AWS's price list and bills. */
  readonly usageType: string;
  /** The public page that states it. */
  readonly page: string;
}

const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';

const prices = {
  invocation: {
    usd: 0.2 / 1e6,
    per: 'invocation',
    usageType: 'Request-ARM',
    page: 'https://aws.amazon.com/lambda/pricing/',
  },
  gbSecond: {
    usd: 0.0000133334,
    per: 'GB-second',
    usageType: 'Lambda-GB-Second-ARM',
    page: 'https://aws.amazon.com/lambda/pricing/',
  },
  sqsRequest: {
    usd: 0.4 / 1e6,
    per: 'request of up to 64 KB',
    usageType: 'Requests-Tier1',
    page: 'https://aws.amazon.com/sqs/pricing/',
  },
  cacheNodeHour: {
    usd: 0.0128,
    per: 'node-hour, Valkey',
    usageType: 'NodeUsage:cache.t4g.micro',
    page: 'https://aws.amazon.com/elasticache/pricing/',
  },
  natHour: {
    usd: 0.045,
    per: 'hour',
    usageType: 'NatGateway-Hours',
    page: 'https://aws.amazon.com/vpc/pricing/',
  },
  natGb: {
    usd: 0.045,
    per: 'GB',
    usageType: 'NatGateway-Bytes',
    page: 'https://aws.amazon.com/vpc/pricing/',
  },
  addressHour: {
    usd: 0.005,
    per: 'hour',
    usageType: 'PublicIPv4:InUseAddress',
    page: 'https://aws.amazon.com/vpc/pricing/',
  },
  keyMonth: {
    usd: 1,
    per: 'key and month',
    usageType: 'KMS-Keys',
    page: 'https://aws.amazon.com/kms/pricing/',
  },
  kmsRequest: {
    usd: 0.03 / 1e4,
    per: 'request',
    usageType: 'KMS-Requests',
    page: 'https://aws.amazon.com/kms/pricing/',
  },
  metricMonth: { usd: 0.3, per: 'metric and month', usageType: 'CW:MetricMonitorUsage', page: CLOUDWATCH },
  alarmMonth: {
    usd: 0.1,
    per: 'metric of an alarm and month',
    usageType: 'CW:AlarmMonitorUsage',
    page: CLOUDWATCH,
  },
  dashboardMonth: { usd: 3, per: 'dashboard and month', usageType: 'DashboardsUsageHour', page: CLOUDWATCH },
  logGb: { usd: 0.5, per: 'GB', usageType: 'DataProcessing-Bytes', page: CLOUDWATCH },
  logGbMonth: { usd: 0.03, per: 'GB and month', usageType: 'TimedStorage-ByteHrs', page: CLOUDWATCH },
} as const satisfies Readonly<Record<string, Price>>;

/** What one message costs in calls, time and bytes, and what the deployment is made of. */
export const assumptions = {
  /** `docs/benchmarks.md`, a backlog of one account: the first receive, and one after its turn came. */
  receivesPerMessage: 1.9,
  /** Every message alone: what a batch shares makes it cheaper. */
  messagesPerBatch: 1,
  /** Deliveries, and what `inlineHoldMs` keeps in hand. */
  billedMsPerInvocation: 500,
  memoryGb: 0.25,
  /** Calls of the upstream and of SQS, with their TLS. Receiving and deleting is Lambda's, and passes no NAT gateway. */
  natKbPerInvocation: 10,
  /** Lambda's three lines, the batch's and its metrics. */
  logKbPerInvocation: 1.5,
  /** Lambda's pollers wait 20 s each at an empty queue. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
  pollers: 5,
  pollSeconds: 20,
  /** SQS asks for a data key every 5 minutes, for the app and the function, on each of both queues: once to encrypt, once to decrypt. */
  kmsRequestsPer5Minutes: 8,
  cacheNodes: 2,
  natGateways: 1,
  dashboards: 1,
  /** Metrics that alarms read; AWS bills each. */
  alarmMetrics: 11,
} as const;

/** The loads of the table, in messages per month. */
export const loads = [100_000, 1_000_000, 10_000_000] as const;

/** One line of the bill, in US dollars a month for a number of messages. */
interface Line {
  readonly name: string;
  readonly usd: (messages: number) => number;
}

/** The lines of the Terraform deployment. `metrics`: how many names we emit. */
function linesOf(metrics: number): readonly Line[] {
  const a = assumptions;
  const invocations = (messages: number) => (messages * a.receivesPerMessage) / a.messagesPerBatch;
  const emptyPolls = (a.pollers * HOURS * 3_600) / a.pollSeconds;
  /** Send, receives, a call to hide it for each receive but the last, delete. */
  const sqsRequests = (messages: number) =>
    messages * (1 + a.receivesPerMessage + (a.receivesPerMessage - 1) + 1);
  const logGb = (messages: number) => (invocations(messages) * a.logKbPerInvocation) / 1e6;
  return [
    {
      name: 'NAT gateway, hours and address',
      usd: () => a.natGateways * HOURS * (prices.natHour.usd + prices.addressHour.usd),
    },
    {
      name: 'NAT gateway, bytes',
      usd: (messages) => ((invocations(messages) * a.natKbPerInvocation) / 1e6) * prices.natGb.usd,
    },
    { name: 'Valkey, two nodes', usd: () => a.cacheNodes * HOURS * prices.cacheNodeHour.usd },
    { name: 'Lambda, invocations', usd: (messages) => invocations(messages) * prices.invocation.usd },
    {
      name: 'Lambda, time',
      usd: (messages) =>
        invocations(messages) * (a.billedMsPerInvocation / 1_000) * a.memoryGb * prices.gbSecond.usd,
    },
    { name: 'SQS, messages', usd: (messages) => sqsRequests(messages) * prices.sqsRequest.usd },
    { name: 'SQS, polls of an empty queue', usd: () => emptyPolls * prices.sqsRequest.usd },
    {
      name: 'KMS, key and requests',
      usd: () => prices.keyMonth.usd + HOURS * 12 * a.kmsRequestsPer5Minutes * prices.kmsRequest.usd,
    },
    { name: `CloudWatch, ${metrics} metrics`, usd: () => metrics * prices.metricMonth.usd },
    {
      name: 'CloudWatch, alarms and dashboard',
      usd: () => a.alarmMetrics * prices.alarmMonth.usd + a.dashboards * prices.dashboardMonth.usd,
    },
    {
      name: 'CloudWatch, logs',
      usd: (messages) => logGb(messages) * (prices.logGb.usd + prices.logGbMonth.usd),
    },
  ];
}

const dollars = (usd: number) => usd.toFixed(2);

/** The rows of the table in `docs/cost.md`, the last one with the totals. */
export function costRows(metrics: number): readonly (readonly string[])[] {
  const lines = linesOf(metrics);
  const total = (messages: number) => lines.reduce((sum, { usd }) => sum + usd(messages), 0);
  return [
    ...lines.map(({ name, usd }) => [name, ...loads.map((messages) => dollars(usd(messages)))]),
    ['**together**', ...loads.map((messages) => `**${dollars(total(messages))}**`)],
    ['per 1,000 messages', ...loads.map((messages) => ((total(messages) * 1_000) / messages).toFixed(3))],
  ];
}

/** The rows of the table of prices. */
export function priceRows(): readonly (readonly string[])[] {
  return Object.values(prices).map(({ usd, per, usageType, page }) => [
    `\`${usageType}\``,
    per,
    usd.toLocaleString('en-US', { maximumSignificantDigits: 7, maximumFractionDigits: 12 }),
    `<${page}>`,
  ]);
}
