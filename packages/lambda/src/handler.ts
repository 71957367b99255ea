import { systemClock, type JsonValue, type PayloadSchema } from '@huntaze/rate-limiter-client/contract';
import { atOnce } from './at-once.ts';
import { Batch } from './batch/batch.ts';
import { requireOptions } from './checks.ts';
import { readRecords } from './message/read-message.ts';
import { embeddedMetrics, flushInTime, isLambda } from './telemetry/embedded-metrics.ts';
import type { BatchResponse, InvocationContext, SqsEvent } from './message/event.ts';
import { inOrder } from './in-order.ts';
import { openInvocation } from './batch/invocation.ts';
import { reportOutages } from './telemetry/limiter-outages.ts';
import { logLines } from './telemetry/log-lines.ts';
import { handlerChecks } from './option-checks.ts';
import { resolveOptions, type HandlerOptions } from './options.ts';
import { recordsOf } from './message/read-event.ts';
import { messageOf, nameOf } from './thrown.ts';

/** An SQS handler for Lambda: needs an event source mapping with `ReportBatchItemFailures`, or a pipe of EventBridge. */
export type Handler = (event: SqsEvent, context?: InvocationContext) => Promise<BatchResponse>;

/**
 * Creates the handler that delivers each message when the limits allow it, once, and parks the rest.
 *
 * For every record of a batch: parse → admit → deliver → settle, or park until its due time, or
 * hold when that is soon. Parked and failed messages are listed in the response; everything else is
 * final, and SQS deletes it. Bodies that can never be delivered become dead letters. A FIFO queue keeps its
 * order: within a group nothing starts before what is ahead of it is final.
 *
 * The handler throws a `TypeError` for an event of another source, before anything is done: every answer would
 * acknowledge it. It throws nothing else: what it cannot handle, such as an event whose queue it cannot tell, is logged
 * and listed.
 *
 * The role needs `sqs:ReceiveMessage`, `sqs:DeleteMessage`, `sqs:GetQueueAttributes` and
 * `sqs:ChangeMessageVisibility` on the queue, and `sqs:SendMessage` on the dead-letter queue.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function createHandler<Schema extends PayloadSchema = PayloadSchema<JsonValue>>(
  options: HandlerOptions<Schema>,
): Handler {
  requireOptions(handlerChecks, options);
  const { clock = systemClock } = options;
  const embedded = embeddedMetrics(clock);
  const lines = logLines(clock);
  const settings = resolveOptions({
    ...options,
    metrics: options.metrics ?? embedded,
    logger: options.logger ?? lines.logger,
  });
  const { logger } = settings;
  return async (event, context) => {
    const records = recordsOf(event);
    const batch = new Batch(records);
    if (records.length === 0) return batch.response();
    if (isLambda(context)) {
      lines.begin();
      embedded.measure(records[0]?.eventSourceARN ?? '');
    }
    try {
      const invocation = openInvocation(settings, records, batch, context);
      const work = readRecords(records, settings).then((read) =>
        invocation.fifo ? inOrder(settings, invocation, read) : atOnce(settings, invocation, read),
      );
      await invocation.finish(work);
      reportOutages(logger, batch.outages);
      logger.info(batch.summary(), 'a batch was handled');
    } catch (error) {
      // Throwing would bring back, and deliver again, what is final already.
      logger.error(
        { received: records.length, error: nameOf(error), cause: messageOf(error) },
        'a batch could not be handled: what is not known to be finished is listed',
      );
    }
    if (isLambda(context)) await flushInTime(settings, context);
    return batch.response();
  };
}
