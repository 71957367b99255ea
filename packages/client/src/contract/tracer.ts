/** W3C Trace Context (https://www.w3.org/TR/trace-context/) as it travels inside a message. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** One timed operation of a trace. */
export interface Span {
  /** What a message must carry so that the other side can link to this span; undefined when the span is not recorded. */
  readonly context: TraceContext | undefined;
  end(error?: unknown): void;
}

/** Starts spans; `parent` is the context a message brought with it. */
export interface Tracer {
  startSpan(name: string, parent?: TraceContext): Span;
}

const silentSpan: Span = { context: undefined, end: () => {} };

/** Records nothing: the default until a host passes its own tracer. */
export const silentTracer: Tracer = { startSpan: () => silentSpan };
