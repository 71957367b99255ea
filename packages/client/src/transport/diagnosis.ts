import { isName } from '@huntaze/kit';
import { QueueRejectedError, QueueUnavailableError } from '../contract/index.ts';
import { knownErrors, type Verdict } from './known-errors.ts';
import type { Failed } from './transport.ts';

/** Why SQS did not do as asked. */
export interface Diagnosis {
  readonly verdict: Verdict;
  /** The error's name, HTTP status and what to do. Never the error's own message, which may quote the request. */
  readonly reason: string;
}

/** Explains whatever a call of SQS threw. What is neither known nor a client error may succeed later. */
export function diagnose(error: unknown): Diagnosis {
  const { name, Code, code, $metadata, $fault } = Object(error) as Partial<SdkError>;
  const { httpStatusCode: status, clockSkewCorrected } = $metadata ?? {};
  const { verdict, reason } = judge([code, name, Code], $fault === 'client' || isRefusal(status));
  return {
    verdict: clockSkewCorrected ? 'unavailable' : status === 429 ? 'throttled' : verdict,
    reason: status === undefined ? reason : `HTTP ${status}, ${reason}`,
  };
}

/** What the failure of a whole request means for each of its messages. */
export function requestFailure(error: unknown): Failed {
  return toFailure(diagnose(error), error);
}

/**
 * The failure of one entry that SQS listed in `Failed` (BatchResultErrorEntry). A known name counts for
 * more than `senderFault`: SQS calls throttling the sender's fault, and it passes all the same.
 */
export function entryFailure(code: unknown, senderFault: boolean): Failed {
  return toFailure(judge([code], senderFault));
}

/** Whether sending the same message again may help. */
export function isPassing({ verdict }: Pick<Failed, 'verdict'>): boolean {
  return verdict === 'throttled' || verdict === 'unavailable';
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

function toFailure({ verdict, reason }: Diagnosis, cause?: unknown): Failed {
  if (!isPassing({ verdict }))
    return {
      kind: 'failed',
      verdict,
      error: new QueueRejectedError(`SQS refused the message (${reason})`, cause),
    };
  const error = new QueueUnavailableError(
    `SQS did not confirm the message (${reason}): it may be queued or not, so send it again only with the same id`,
    cause,
  );
  return { kind: 'failed', verdict, error };
}

function bare(name: string): string {
  return name.replace(/^AWS\.SimpleQueueService\./, '').replace(/Exception$/, '');
}
