import { silentLogger, type Logger } from './logger.ts';
import { silentMetrics, type Metrics } from './metrics.ts';
import { silentTracer, type Span, type Tracer } from './tracer.ts';

/** The ports through which client and handler tell what they do. */
export interface ObservingPorts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
}

/** The same with nothing left out. */
export interface GuardedPorts {
  readonly logger: Logger;
  readonly metrics: Required<Metrics>;
  readonly tracer: { startSpan(...given: Parameters<Tracer['startSpan']>): Required<Span> };
}

/**
 * Wraps a host's observing ports so that nothing they throw, now or later, reaches a message on its way. Those that are
 * left out are silent.
 */
export function guardPorts({
  logger = silentLogger,
  metrics = silentMetrics,
  tracer = silentTracer,
}: Partial<ObservingPorts>): GuardedPorts {
  return {
    logger: {
      debug: (fields, message) => harmless(() => logger.debug(fields, message)),
      info: (fields, message) => harmless(() => logger.info(fields, message)),
      warn: (fields, message) => harmless(() => logger.warn(fields, message)),
      error: (fields, message) => harmless(() => logger.error(fields, message)),
    },
    metrics: {
      record: (name, value) => harmless(() => metrics.record(name, value)),
      async flush() {
        await (async () => metrics.flush?.())().catch(() => {});
      },
    },
    tracer: { startSpan: (...given) => guardSpan(harmless(() => tracer.startSpan(...given))) },
  };
}

function guardSpan(span: Span | undefined): Required<Span> {
  return {
    context: harmless(() => span?.context),
    run(work) {
      let running: ReturnType<typeof work> | undefined;
      const begin = () => (running ??= (async () => await work())());
      void harmless(() => span?.run?.(begin));
      return begin();
    },
    end: (error) => harmless(() => span?.end(error)),
  };
}

function harmless<Result>(call: () => Result): Result | undefined {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(() => {});
    return result;
  } catch {
    return undefined;
  }
}
