import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import { silentLogger, silentMetrics } from '@huntaze/rate-limiter-client/contract';
import { createHandler, slidingWindow } from '@huntaze/rate-limiter-lambda';
import { startEventSourceMapping, startSqs, startUpstream } from '@huntaze/testkit';
import { chooseLimiter } from './limiter.ts';
import { messages } from './messages.ts';
import { drawDeliveries } from './picture.ts';
import { followProgress } from './progress.ts';
import { readOutcome, summarize } from './outcome.ts';
import { callUpstream } from './upstream.ts';

const limit = 10;
const windowMs = 10_000;

// What AWS and the rate-limited API are in production, embedded here: nothing to install, no account.
const sqs = await startSqs();
const upstream = await startUpstream({ limit, windowMs });
const { queueUrl, deadLetterQueueUrl, arn } = await sqs.createQueue({
  name: 'messages',
  visibilitySeconds: 30,
  // Waiting costs receives, and what is a dead letter the handler decides: as many as SQS allows.
  maxReceiveCount: 1_000,
});
const { limiter, limiterName, closeLimiter } = chooseLimiter(process.env['REDIS_URL']);

// Your app: queues messages, whatever the rate.
const client = createRateLimiterClient({
  queueUrl,
  deadLetterQueueUrl,
  sqs: sqs.client,
  payload: onlyFansMessage,
});

// Your Lambda function: delivers each message when the limits allow it, and parks the rest.
const handler = createHandler({
  payload: onlyFansMessage,
  limits: [slidingWindow({ limit, windowMs })],
  limiter,
  deliver: (message, { signal }) => callUpstream(upstream.url, message, signal),
  // Without these a function in Lambda writes its metrics and a line per batch, and this is called as Lambda would.
  metrics: silentMetrics,
  logger: silentLogger,
  sqs: sqs.client,
  queueUrl,
  deadLetterQueueUrl,
});

console.log(
  `${messages.length} messages of two accounts, at most ${limit} per ${windowMs / 1_000} s each (${limiterName})\n`,
);
const mapping = await startEventSourceMapping({
  sqs: sqs.client,
  queueUrl,
  queueArn: arn,
  handler,
  functionTimeoutMs: 30_000,
});
await client.batch(messages);
await followProgress({ messages, ledger: upstream.ledger, status: () => client.status() });

await mapping.stop();
const outcome = readOutcome({
  messages,
  ledger: upstream.ledger,
  limit,
  receives: mapping.stats.receives,
  deadLetters: (await sqs.readAll(deadLetterQueueUrl)).length,
});
console.log(drawDeliveries(messages, upstream.ledger.calls));
console.log(summarize(outcome, windowMs));
process.exitCode = outcome.kind === 'kept' ? 0 : 1;

await client.close();
await closeLimiter();
await upstream.stop();
await sqs.stop();
