import { QueueRejectedError, QueueUnavailableError } from '../contract/index.ts';
import { knownErrors, type Verdict } from './known-errors.ts';

/** Why SQS did not do as asked. */
export interface Diagnosis {
  readonly verdict: Verdict;
  /** The error's name, HTTP status and what to do. Never the error's own message, which may quote the request. */
  readonly reason: string;
}

/** What makes a message not queued: try again later, or change something first. */
export type QueueError = QueueUnavailableError | QueueRejectedError;

/** Explains whatever a call of SQS threw. What is neither known nor a client error may succeed later. */
export function diagnose(error: unknown): Diagnosis {
  const { name, Code, code, $metadata, $fault } = Object(error) as Partial<SdkError>;
  const { httpStatusCode: status, clockSkewCorrected } = $metadata ?? {};
  const { verdict, reason } = judge([code, name, Code], $fault === 'client' || isRefusal(status));
  return {
    verdict: clockSkewCorrected ? 'unavailable' : verdict,
    reason: status === undefined ? reason : `HTTP ${status}, ${reason}`,
  };
}

/** The error of a request that failed as a whole. An error that was explained before stays as it is. */
export function requestError(error: unknown): QueueError {
  if (error instanceof QueueUnavailableError || error instanceof QueueRejectedError) return error;
  return toError(diagnose(error), error);
}

/**
 * The error of one entry that SQS listed in `Failed` (BatchResultErrorEntry). A known name counts for
 * more than `senderFault`: SQS calls throttling the sender's fault, and it passes all the same.
 */
export function entryError(code: unknown, senderFault: boolean): QueueError {
  return toError(judge([code], senderFault));
}

interface SdkError {
  readonly name: unknown;
  /** The name in the older query protocol. */
  readonly Code: unknown;
  /** Of Node's network errors. */
  readonly code: unknown;
  readonly $fault: unknown;
  readonly $metadata: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
}

const known = new Map(knownErrors.flatMap((row) => row.names.map((name) => [name, row])));

function judge(candidates: readonly unknown[], clientFault: boolean): Diagnosis {
  const names = candidates.filter(isName);
  for (const name of names) {
    const row = known.get(bare(name));
    if (row) return { verdict: row.verdict, reason: `${name}: ${row.advice}` };
  }
  const reason = names.find((name) => name !== 'Error') ?? 'an error without a name';
  return { verdict: clientFault ? 'rejected' : 'unavailable', reason };
}

/** Client errors but for the two that ask for another try: 408 Request Timeout and 429 Too Many Requests. */
function isRefusal(status = 0): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function toError({ verdict, reason }: Diagnosis, cause?: unknown): QueueError {
  if (verdict === 'rejected') return new QueueRejectedError(`SQS refused the message (${reason})`, cause);
  return new QueueUnavailableError(
    `SQS did not confirm the message (${reason}): it may be queued or not, so send it again only with the same id`,
    cause,
  );
}

function bare(name: string): string {
  return name.replace(/^AWS\.SimpleQueueService\./, '').replace(/Exception$/, '');
}

/** A name, and nothing else that an adapter may have put in its place. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,100}$/.test(value);
}
