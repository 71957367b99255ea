import { nearest } from '@huntaze/kit/checks';
import type { PayloadProblem, TraceContext } from '../contract/index.ts';
import type { NewMessage } from './messages.ts';

const known = Object.keys({
  key: true,
  payload: true,
  priority: true,
  id: true,
} satisfies Record<keyof NewMessage<unknown>, true>);

/** How many fields of one message are told of. */
const MOST_TOLD = 20;

/**
 * What a message has that no message has: by its position, from 0, and with the field that was probably meant. Not by its
 * name, which may be content where rows of a host's own are sent.
 */
export function unknownFields(message: unknown): readonly PayloadProblem[] {
  if (typeof message !== 'object' || message === null) return [];
  return Object.keys(message)
    .map((name, position) => ({ name, position }))
    .filter(({ name }) => !known.includes(name))
    .slice(0, MOST_TOLD)
    .map(({ name, position }) => {
      // Results and errors call it so.
      const meant = name === 'messageId' ? 'id' : nearest(name, known);
      const hint = meant === undefined ? '' : `: did you mean ${meant}?`;
      const path = `message[${position}]`;
      return { path, message: `expected only ${known.join(', ')}, found another field${hint}` };
    });
}

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
