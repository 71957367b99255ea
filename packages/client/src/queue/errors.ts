import { errorName, isName, missingSetup } from '@huntaze/kit';
import { QueueRejectedError, QueueUnavailableError } from '../contract/errors.ts';
import { knownErrors, type ErrorClass } from './known-errors.ts';
import type { Failed } from './outgoing.ts';

/** Why a call of SQS failed. */
export interface Classified {
  readonly errorClass: ErrorClass;
  /** The error's name, HTTP status and what to do. Never the error's own message, which may quote the request. */
  readonly reason: string;
  /** Whether no request was made, because the SDK lacks what it needs for one. */
  readonly unsent: boolean;
}

/** Classifies an error that a call of SQS threw. One that is neither known nor a client error may succeed later. */
export function classify(error: unknown): Classified {
  const { name, Code, code, $metadata, $fault } = Object(error) as Partial<SdkError>;
  const { httpStatusCode: status, clockSkewCorrected } = $metadata ?? {};
  const unsent = Object.hasOwn(missingSetup, errorName(error));
  const names = unsent ? [errorName(error)] : [code, name, Code];
  const { errorClass, reason } = classifyNames(names, $fault === 'client' || isRefusal(status));
  return {
    errorClass: clockSkewCorrected ? 'unavailable' : status === 429 ? 'throttled' : errorClass,
    reason: status === undefined ? reason : `HTTP ${status}, ${reason}`,
    unsent,
  };
}

/** The failure of each message of a request that failed as a whole. */
export function requestFailure(error: unknown): Failed {
  return toFailure(classify(error), error);
}

/**
 * The failure of one entry that SQS listed in `Failed` (BatchResultErrorEntry). A known name counts for
 * more than `senderFault`: SQS calls throttling the sender's fault, and it passes all the same.
 */
export function entryFailure(code: unknown, senderFault: boolean): Failed {
  return toFailure(classifyNames([code], senderFault));
}

/** Whether sending the same message again may help. */
export function isTransient({ errorClass }: Pick<Failed, 'errorClass'>): boolean {
  return errorClass === 'throttled' || errorClass === 'unavailable';
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

function classifyNames(candidates: readonly unknown[], clientFault: boolean): Classified {
  // `com.amazonaws.sqs#QueueDoesNotExist` is how the JSON protocol may write a name.
  const names = candidates
    .map((name) => (typeof name === 'string' ? name.slice(name.indexOf('#') + 1) : name))
    .filter(isName);
  for (const name of names) {
    const row = known.get(bare(name)) ?? (isOfKms(name) ? known.get('KmsInvalidState') : undefined);
    if (row) return { errorClass: row.errorClass, reason: `${name}: ${row.advice}`, unsent: false };
  }
  const reason = names.find((name) => name !== 'Error') ?? 'an error without a name';
  return { errorClass: clientFault ? 'rejected' : 'unavailable', reason, unsent: false };
}

/** Client errors but for the two that ask for another try: 408 Request Timeout and 429 Too Many Requests. */
function isRefusal(status = 0): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

const SAME_ID = 'it may be queued or not, so send it again only with the same id';

function toFailure({ errorClass, reason, unsent }: Classified, cause?: unknown): Failed {
  if (unsent) {
    const Cause = isTransient({ errorClass }) ? QueueUnavailableError : QueueRejectedError;
    const error = new Cause(`SQS did not get the message (${reason})`, cause);
    return { kind: 'failed', errorClass, error, untried: true };
  }
  const error = isTransient({ errorClass })
    ? new QueueUnavailableError(`SQS did not confirm the message (${reason}): ${SAME_ID}`, cause)
    : new QueueRejectedError(`SQS refused the message (${reason})`, cause);
  return { kind: 'failed', errorClass, error };
}

/** A name without its service and `Exception`. An error of KMS begins with `Kms`, whichever way SQS wrote it. */
function bare(name: string): string {
  const own = name.slice(name.lastIndexOf('.') + 1).replace(/Exception$/, '');
  return isOfKms(name) ? `Kms${own.replace(/^KMS/i, '')}` : own;
}

/** `KmsThrottled` is how SQS names it today, `KMS.ThrottlingException` is how it passes the errors of KMS on. */
function isOfKms(name: string): boolean {
  return /^(?:AWS\.)?KMS/i.test(name);
}

/** The failure of a message that was in no request, because the breaker is open. */
export function whileOpen(probeInMs: number): Failed {
  const next = probeInMs > 0 ? `in ${Math.ceil(probeInMs / 1_000)} s` : 'now';
  const message = `expected SQS to be reachable, found the breaker open after failures in a row: the message was not sent; the next try is ${next}`;
  return { ...unavailable(message), untried: true };
}

/** The failure of a message whose request had no answer in time. */
export function unanswered(withinMs: number): Failed {
  return unavailable(`expected an answer of SQS within ${withinMs} ms, found none: ${SAME_ID}`);
}

/** The failure of a message that is missing from the answer to its request. */
export function unconfirmed(): Failed {
  return unavailable(`expected SQS to confirm the message, found it missing from the answer: ${SAME_ID}`);
}

function unavailable(message: string): Failed {
  return { kind: 'failed', errorClass: 'unavailable', error: new QueueUnavailableError(message) };
}
