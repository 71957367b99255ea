import type { Clock, Metrics } from '@huntaze/rate-limiter-client/contract';
import type { Conclusion, Hidden } from '../message/conclusion.ts';
import type { Received } from '../message/received.ts';
import type { Hiding } from '../parking/hide.ts';
import { leadMs, visibilitySeconds } from '../parking/visibility.ts';
import type { HandlerEvent, OnEvent } from '../telemetry/handler-events.ts';
import type { BatchReport } from './batch-report.ts';

/** The settings for acting on conclusions. */
export interface ConcludeSettings {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly onEvent: OnEvent;
  readonly inlineHoldMs: number;
}

/**
 * Creates the one place of a batch that acts on conclusions, so that no message goes uncounted: it counts and acknowledges
 * a message, hides or shows its records, measures and emits.
 */
export function concludeWith(
  { clock, metrics, onEvent, inlineHoldMs }: ConcludeSettings,
  report: BatchReport,
  { hide }: Hiding,
): (received: Received, conclusion: Conclusion) => void {
  const hideUntil = ({ records }: Received, { untilMs, as, early = false }: Hidden) => {
    hide(records, visibilitySeconds(untilMs - clock.nowMs(), early ? leadMs(inlineHoldMs) : 0));
    report.keep(records, as);
    metrics.record('ParkedMessages', records.length);
  };
  return (received, conclusion) => {
    const { records } = received;
    const emit = (event: EventOfMessage | undefined) => {
      if (event === undefined || received.kind !== 'message') return;
      onEvent({ key: received.message.key, messageId: received.message.id, ...event });
    };
    switch (conclusion.kind) {
      case 'delivered':
        report.finish(records, 'delivered');
        metrics.record('MessagesSent', 1);
        metrics.record('QueueLatency', conclusion.latencyMs);
        return emit(conclusion);
      case 'duplicate':
        return report.finish(records, 'duplicate');
      case 'dead':
        report.finish(records, 'dead');
        return emit(conclusion);
      case 'unreadable':
        report.finish(records, 'dead');
        return onEvent({ ...conclusion, sqsMessageId: records[0].messageId });
      case 'hidden':
        hideUntil(received, conclusion);
        emit({ kind: 'parked', dueAtMs: Math.round(conclusion.untilMs) });
        return emit(conclusion.setback);
      case 'left':
        report.keep(records, conclusion.as);
        if (conclusion.as === 'unparked') metrics.record('UnparkedMessages', records.length);
        return emit(conclusion.setback);
      case 'behind':
        hide(records, 0);
        return report.keep(records, 'behind');
    }
  };
}

/** An event about a message, without the message. */
type EventOfMessage = HandlerEvent extends infer Event
  ? Event extends { readonly messageId: string }
    ? Omit<Event, 'key' | 'messageId'>
    : never
  : never;
