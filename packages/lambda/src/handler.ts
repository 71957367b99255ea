import { errorMessage, errorName } from '@huntaze/kit';
import { systemClock, type JsonValue, type PayloadSchema } from '@huntaze/rate-limiter-client/contract';
import { openAdmissions } from './batch/admissions.ts';
import { BatchReport } from './batch/batch-report.ts';
import { openBatch } from './batch/batch.ts';
import { openSettlements } from './batch/settlements.ts';
import { requireOptions } from './checks/checks.ts';
import { checkReporter } from './handler-limiter/report-check.ts';
import type { Handler } from './message/event.ts';
import { recordsOf } from './message/read-event.ts';
import type { HandlerOptions } from './options.ts';
import { processBatch } from './process-batch.ts';
import { handlerChecks, resolveSettings } from './settings.ts';
import { embeddedMetrics, flushInTime, isLambda } from './telemetry/embedded-metrics.ts';
import { reportOutages } from './telemetry/limiter-outages.ts';
import { logLines } from './telemetry/log-lines.ts';

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
  const settings = resolveSettings({
    ...options,
    metrics: options.metrics ?? embedded,
    logger: options.logger ?? lines.logger,
  });
  const { logger } = settings;
  const shared = {
    settings,
    admissions: openAdmissions(settings),
    settlements: openSettlements(settings),
  };
  const reportCheck = checkReporter(options.limiter, logger);
  return async (event, context) => {
    const records = recordsOf(event);
    const report = new BatchReport(records);
    if (records.length === 0) return report.response();
    reportCheck();
    if (isLambda(context)) {
      lines.begin();
      embedded.measure(records[0]?.eventSourceARN ?? '');
    }
    try {
      const batch = openBatch(settings, records, report, context);
      await Promise.race([processBatch(shared, batch), batch.timeIsUp()]).finally(batch.close);
      reportOutages(logger, report.outages);
      logger.info(report.summary(), 'a batch was handled');
    } catch (error) {
      // Throwing would bring back, and deliver again, messages that are final already.
      logger.error(
        { received: records.length, error: errorName(error), cause: errorMessage(error) },
        'a batch could not be handled: what is not known to be finished is listed',
      );
    }
    const sentAtMs = report.oldestSentAtMs();
    if (sentAtMs !== undefined)
      settings.metrics.record('OldestMessageAge', Math.max(0, clock.nowMs() - sentAtMs));
    if (isLambda(context)) await flushInTime(settings, context);
    return report.response();
  };
}
