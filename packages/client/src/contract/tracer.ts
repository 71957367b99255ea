/** W3C Trace Context (https://www.w3.org/TR/trace-context/) as it travels inside a message. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** The spans there are: one per message that a client sends, and one per delivery, which is linked to it. */
export type SpanName = 'rate-limiter.send' | 'rate-limiter.deliver';

/** What a span says of its message. No payload content. */
export interface SpanAttributes {
  readonly messageId?: string;
  /** Which attempt a delivery is, from 1. */
  readonly attempt?: number;
}

/** One timed operation of a trace. */
export interface Span {
  /** What a message must carry so that the other side can link to this span; undefined when there is none. */
  readonly context: TraceContext | undefined;
  /** Runs work with this span as the active one, so that spans started meanwhile become its children. */
  run?<Result>(work: () => Promise<Result>): Promise<Result>;
  end(error?: unknown): void;
}

/** Starts spans; `sender` is the context that a message brought with it. */
export interface Tracer {
  startSpan(name: SpanName, sender?: TraceContext, attributes?: SpanAttributes): Span;
}

const silentSpan: Span = { context: undefined, end: () => {} };

/** Records nothing: the default until a host passes its own tracer. */
export const silentTracer: Tracer = { startSpan: () => silentSpan };
