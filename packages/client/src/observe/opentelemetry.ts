import { queueName } from '@huntaze/kit';
import {
  context,
  createTraceState,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type SpanContext,
  type Tracer as OpenTelemetryTracer,
} from '@opentelemetry/api';
import * as checks from '@huntaze/kit/checks';
import { readOptions } from '../contract/require-options.ts';
import type { SpanAttributes, SpanName, TraceContext, Tracer } from '../contract/index.ts';

/** How an {@link openTelemetryTracer} is made. */
export interface OpenTelemetryTracerOptions {
  /** The queue that messages go through, by its URL, ARN or name: spans are named after it. Default: not named. */
  readonly queue?: string | undefined;
  /** Default: the one of the provider that the host registered, then or later. */
  readonly tracer?: OpenTelemetryTracer | undefined;
}

const tracerTable = {
  queue: { check: checks.queue, default: undefined },
  tracer: { check: checks.tracer, default: undefined },
} satisfies checks.OptionTable<OpenTelemetryTracerOptions>;

/** What each span is, in the words of https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/. */
const operations: Readonly<Record<SpanName, { readonly name: string; readonly kind: SpanKind }>> = {
  'rate-limiter.send': { name: 'send', kind: SpanKind.PRODUCER },
  'rate-limiter.deliver': { name: 'process', kind: SpanKind.CONSUMER },
};

/**
 * Makes spans with OpenTelemetry, for clients and handlers. A client's span is a child of what is active, such as the
 * request that sends the message; its context travels in the message. A handler's span is linked to it, as messaging
 * spans are, and active while `deliver` runs. Needs `@opentelemetry/api`, and an SDK that the host registers.
 *
 * Spans name the queue, the message's id and the attempt; no payload content.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function openTelemetryTracer(options: OpenTelemetryTracerOptions = {}): Tracer {
  const { queue, tracer = trace.getTracer('@huntaze/rate-limiter') } = readOptions(tracerTable, options);
  const destination = queue && queueName(queue);

  return {
    startSpan(spanName, sender, about = {}) {
      const { name, kind } = operations[spanName];
      const sent = parseContext(sender);
      const span = tracer.startSpan(destination ? `${name} ${destination}` : name, {
        kind,
        attributes: attributesOf(name, destination, about),
        links: sent ? [{ context: sent }] : [],
      });
      return {
        context: formatContext(span.spanContext()),
        run: (work) => context.with(trace.setSpan(context.active(), span), work),
        end(error) {
          if (error !== undefined) {
            const { name: type, message } = describe(error);
            span.setAttribute('error.type', type);
            span.setStatus({ code: SpanStatusCode.ERROR, message });
          }
          span.end();
        },
      };
    },
  };
}

function attributesOf(
  operation: string,
  destination: string | undefined,
  { messageId, attempt }: SpanAttributes,
): Attributes {
  return {
    'messaging.system': 'aws_sqs',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    ...(destination && { 'messaging.destination.name': destination }),
    ...(messageId !== undefined && { 'messaging.message.id': messageId }),
    ...(attempt !== undefined && { 'huntaze.rate_limiter.attempt': attempt }),
  };
}

/** Errors that reach a span are the packages' own, and hold no payload content. Their causes stay out. */
function describe(error: unknown): { readonly name: string; readonly message: string } {
  return error instanceof Error ? error : { name: '_OTHER', message: '' };
}

/** Written here and not with the host's propagator, which may speak another format: the envelope holds this one. */
function formatContext(from: SpanContext): TraceContext | undefined {
  if (!isSpanContextValid(from)) return undefined;
  const flags = from.traceFlags.toString(16).padStart(2, '0');
  const tracestate = from.traceState?.serialize();
  return {
    traceparent: `00-${from.traceId}-${from.spanId}-${flags}`,
    ...(tracestate && { tracestate }),
  };
}

/** Later versions may append fields (https://www.w3.org/TR/trace-context/#versioning-of-traceparent). */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-.*)?$/;

function parseContext(sender: TraceContext | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(sender?.traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const parsed: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(sender?.tracestate && { traceState: createTraceState(sender.tracestate) }),
  };
  return isSpanContextValid(parsed) ? parsed : undefined;
}
