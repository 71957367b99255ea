import type { TraceContext } from '../contract/index.ts';

/** What the handler accepts of a trace context. */
const TRACE_TEXT = /^[\x20-\x7E]{1,512}$/;

/** The parts of a trace context that can travel. One that cannot is left out: no message fails over its trace. */
export function traceFields(context: TraceContext | undefined): Partial<TraceContext> {
  const { traceparent, tracestate } = Object(context) as Partial<TraceContext>;
  if (!isTraceText(traceparent)) return {};
  return { traceparent, ...(isTraceText(tracestate) && { tracestate }) };
}

function isTraceText(value: unknown): value is string {
  return typeof value === 'string' && TRACE_TEXT.test(value);
}
