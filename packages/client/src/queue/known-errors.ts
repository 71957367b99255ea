import { missingSetup } from '@huntaze/kit';

/**
 * The class of a failure, which says what to do:
 * - `throttled`: try again, later than usual;
 * - `unavailable`: try again;
 * - `misconfigured`: SQS will take the message once somebody has changed permissions, credentials or the queue;
 * - `rejected`: SQS will never take this message.
 */
export type ErrorClass = 'throttled' | 'unavailable' | 'misconfigured' | 'rejected';

interface KnownErrors {
  readonly errorClass: ErrorClass;
  readonly advice: string;
  readonly names: readonly string[];
}

/**
 * What the errors of an SQS call mean, by name without a prefix such as `AWS.SimpleQueueService.` and the
 * suffix `Exception`; those of KMS begin with `Kms`. Sources: the errors listed in
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html and
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html, and what
 * the AWS SDKs retry (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
 */
export const knownErrors: readonly KnownErrors[] = [
  {
    errorClass: 'misconfigured',
    advice: 'grant sqs:SendMessage and sqs:GetQueueAttributes on the queue',
    names: ['AccessDenied', 'NotAuthorized', 'OptInRequired'],
  },
  {
    errorClass: 'misconfigured',
    advice: 'check the AWS credentials',
    names: [
      'IncompleteSignature',
      'InvalidClientTokenId',
      'InvalidSignature',
      'MissingAuthenticationToken',
      'SignatureDoesNotMatch',
      'UnrecognizedClient',
    ],
  },
  {
    errorClass: 'misconfigured',
    advice: "check the queue's URL and the region",
    names: [
      'InvalidAddress',
      'InvalidSecurity',
      'NonExistentQueue',
      'QueueDoesNotExist',
      'UnsupportedOperation',
    ],
  },
  {
    errorClass: 'misconfigured',
    advice: "check the queue's KMS key and the policy of that key",
    names: [
      'KmsAccessDenied',
      'KmsDisabled',
      'KmsInvalidKeyUsage',
      'KmsInvalidState',
      'KmsNotFound',
      'KmsOptInRequired',
    ],
  },
  { errorClass: 'misconfigured', advice: missingSetup['RegionMissing']!, names: ['RegionMissing'] },
  {
    errorClass: 'rejected',
    advice: 'SQS takes no such message',
    names: [
      'BatchRequestTooLong',
      'InvalidMessageContents',
      'InvalidParameterCombination',
      'InvalidParameterValue',
      'MissingParameter',
    ],
  },
  {
    errorClass: 'throttled',
    advice: 'SQS asks to slow down',
    names: [
      'KmsThrottled',
      'KmsThrottling',
      'OverLimit',
      'RequestLimitExceeded',
      'RequestThrottled',
      'SlowDown',
      'Throttled',
      'Throttling',
      'TooManyRequests',
    ],
  },
  {
    // A role's credentials may come late, so it is tried again.
    errorClass: 'unavailable',
    advice: missingSetup['CredentialsProviderError']!,
    names: ['CredentialsProviderError'],
  },
  {
    errorClass: 'unavailable',
    advice: 'KMS did not answer SQS',
    names: ['KmsDependencyTimeout', 'KmsInternal', 'KmsKeyUnavailable'],
  },
  {
    errorClass: 'unavailable',
    advice: 'the SDK asks for credentials and the time anew with the next call',
    names: ['ExpiredToken', 'RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed'],
  },
  {
    errorClass: 'unavailable',
    advice: 'the network or SQS did not answer',
    names: [
      'AbortError',
      'EAI_AGAIN',
      'ECONNREFUSED',
      'ECONNRESET',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOTFOUND',
      'EPIPE',
      'ETIMEDOUT',
      'RequestTimeout',
      'TimeoutError',
    ],
  },
];
