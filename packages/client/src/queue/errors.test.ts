import { QueueDoesNotExist, SQSServiceException } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { QueueRejectedError, QueueUnavailableError } from '../contract/index.ts';
import { classify, entryFailure, requestFailure } from './errors.ts';

const failure = (fields: object) => Object.assign(new Error('text of the SDK'), fields);
const http = (httpStatusCode: number, fields: object = {}) =>
  failure({ $metadata: { httpStatusCode }, ...fields });

describe('a failed call of SQS', () => {
  it.each([
    ['no permission', http(403, { name: 'AccessDenied' }), 'misconfigured'],
    ['no permission, by another name', http(400, { name: 'AccessDeniedException' }), 'misconfigured'],
    ['unknown credentials', http(403, { name: 'InvalidClientTokenId' }), 'misconfigured'],
    ['a wrong signature', http(403, { name: 'SignatureDoesNotMatch' }), 'misconfigured'],
    ['no such queue', http(400, { name: 'QueueDoesNotExist' }), 'misconfigured'],
    [
      'no such queue, by its old name',
      http(400, { name: 'AWS.SimpleQueueService.NonExistentQueue' }),
      'misconfigured',
    ],
    [
      'no such queue, by its code',
      failure({ Code: 'AWS.SimpleQueueService.NonExistentQueue' }),
      'misconfigured',
    ],
    ['a disabled KMS key', http(400, { name: 'KmsDisabled' }), 'misconfigured'],
    [
      'a disabled KMS key, by the name that KMS gives it',
      http(400, { name: 'KMS.DisabledException', $fault: 'client' }),
      'misconfigured',
    ],
    ['an error of KMS that is new', http(400, { name: 'KMS.UnheardException' }), 'misconfigured'],
    ['an error of KMS that SQS names', http(400, { name: 'KmsUnheard' }), 'misconfigured'],
    [
      'a name with its namespace',
      http(400, { name: 'com.amazonaws.sqs#QueueDoesNotExist' }),
      'misconfigured',
    ],
    ['no region', new Error('Region is missing'), 'misconfigured'],
    [
      'a bad parameter, which the SDK does not model',
      http(400, { name: 'InvalidParameterValue' }),
      'rejected',
    ],
    ['an unknown client error', http(404, { name: 'Unheard' }), 'rejected'],
    ['an error that calls itself the client’s', failure({ name: 'Unheard', $fault: 'client' }), 'rejected'],

    [
      'throttling, although its status is 403',
      http(403, { name: 'RequestThrottled', $fault: 'client' }),
      'throttled',
    ],
    ['throttling by the gateway', http(400, { name: 'ThrottlingException' }), 'throttled'],
    ['throttling of the KMS key', http(400, { name: 'KmsThrottled', $fault: 'client' }), 'throttled'],
    ['throttling by KMS', http(400, { name: 'KMS.ThrottlingException', $fault: 'client' }), 'throttled'],
    ['a fault within KMS', http(500, { name: 'KMS.KMSInternalException' }), 'unavailable'],
    ['too many requests', http(429, { name: 'Unheard' }), 'throttled'],
    ['a request that took too long', http(408, { name: 'Unheard' }), 'unavailable'],
    ['an expired token', http(403, { name: 'ExpiredToken' }), 'unavailable'],
    [
      'a clock that the SDK corrected',
      failure({
        name: 'InvalidSignatureException',
        $metadata: { httpStatusCode: 403, clockSkewCorrected: true },
      }),
      'unavailable',
    ],
    ['credentials that are not there yet', failure({ name: 'CredentialsProviderError' }), 'unavailable'],
    ['an internal error', http(500, { name: 'InternalFailure' }), 'unavailable'],
    ['a service that is away', http(503, { name: 'ServiceUnavailable' }), 'unavailable'],
    ['a refused connection', failure({ code: 'ECONNREFUSED' }), 'unavailable'],
    ['a reset connection', failure({ name: 'TimeoutError', code: 'ECONNRESET' }), 'unavailable'],
    ['a name that does not resolve', failure({ code: 'ENOTFOUND' }), 'unavailable'],
    ['an abort', new DOMException('aborted', 'AbortError'), 'unavailable'],
    ['a plain error', new Error('what?'), 'unavailable'],
    ['a string', 'what?', 'unavailable'],
    ['nothing', undefined, 'unavailable'],
  ])('for %s', (_, error, errorClass) => {
    expect(classify(error).errorClass).toBe(errorClass);
    expect(requestFailure(error).error).toBeInstanceOf(
      errorClass === 'rejected' || errorClass === 'misconfigured'
        ? QueueRejectedError
        : QueueUnavailableError,
    );
  });

  it('is told with its name, its status and what to do', () => {
    expect(requestFailure(http(403, { name: 'AccessDenied' })).error.message).toBe(
      'SQS refused the message (HTTP 403, AccessDenied: grant sqs:SendMessage and sqs:GetQueueAttributes on the queue)',
    );
    expect(requestFailure(failure({ code: 'ECONNRESET' })).error.message).toBe(
      'SQS did not confirm the message (ECONNRESET: the network or SQS did not answer): it may be queued or not, so send it again only with the same id',
    );
  });

  it.each([
    ['a region', new Error('Region is missing'), QueueRejectedError, 'AWS_REGION names a region'],
    [
      'credentials',
      failure({ name: 'CredentialsProviderError', message: 'Could not load credentials from any providers' }),
      QueueUnavailableError,
      'found no credentials: give the process a role',
    ],
    ['credentials', new Error('Credential is missing'), QueueUnavailableError, 'found no credentials'],
  ])('says that %s was missing, and that nothing was sent', (_, cause, kind, words) => {
    const { error, untried } = requestFailure(cause);

    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(/^SQS did not get the message \(\w+: no request was made, because /);
    expect(error.message).toContain(words);
    expect(untried).toBe(true);
  });

  it('is understood as the SDK throws it', () => {
    const missing = new QueueDoesNotExist({ message: 'no', $metadata: { httpStatusCode: 400 } });
    const down = new SQSServiceException({
      name: 'InternalError',
      $fault: 'server',
      message: 'no',
      $metadata: { httpStatusCode: 500 },
    });

    expect(classify(missing)).toMatchObject({
      errorClass: 'misconfigured',
      reason: "HTTP 400, QueueDoesNotExist: check the queue's URL and the region",
    });
    expect(classify(down)).toMatchObject({ errorClass: 'unavailable', reason: 'HTTP 500, InternalError' });
  });

  it('keeps the original as its cause, and out of its text', () => {
    const cause = failure({ name: 'secret content\nof a body', message: 'secret content' });
    const { error } = requestFailure(cause);

    expect(error.cause).toBe(cause);
    expect(error.message).not.toContain('secret');
  });
});

describe('a failed entry of a request', () => {
  it.each([
    ['KMS.ThrottlingException', 'throttled'],
    ['KmsThrottled', 'throttled'],
    ['KMS.KMSInternalException', 'unavailable'],
    ['KMS.AccessDeniedException', 'misconfigured'],
    ['KMS.DisabledException', 'misconfigured'],
    ['KMS.InvalidKeyUsageException', 'misconfigured'],
    ['KMS.KMSInvalidStateException', 'misconfigured'],
    ['KMS.NotFoundException', 'misconfigured'],
    ['KMS.OptInRequired', 'misconfigured'],
    ['KMS.UnheardException', 'misconfigured'],
    ['AWS.SimpleQueueService.NonExistentQueue', 'misconfigured'],
    ['com.amazonaws.sqs#RequestThrottled', 'throttled'],
    ['InvalidMessageContents', 'rejected'],
    ['Unheard', 'rejected'],
  ])('%s is %s, although SQS calls it the fault of the sender', (code, errorClass) => {
    expect(entryFailure(code, true).errorClass).toBe(errorClass);
  });
});
