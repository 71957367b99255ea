/** Whether the same call may succeed later. */
export type Verdict = 'unavailable' | 'rejected';

interface KnownErrors {
  readonly verdict: Verdict;
  readonly advice: string;
  readonly names: readonly string[];
}

/**
 * What the errors of an SQS call mean, by name without the prefix `AWS.SimpleQueueService.` and the
 * suffix `Exception`. Sources: the errors listed in
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html and
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html, and what
 * the AWS SDKs retry (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
 */
export const knownErrors: readonly KnownErrors[] = [
  {
    verdict: 'rejected',
    advice: 'grant sqs:SendMessage and sqs:GetQueueAttributes on the queue',
    names: ['AccessDenied', 'NotAuthorized', 'OptInRequired'],
  },
  {
    verdict: 'rejected',
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
    verdict: 'rejected',
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
    verdict: 'rejected',
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
  {
    verdict: 'unavailable',
    advice: 'SQS asks to slow down',
    names: [
      'KmsThrottled',
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
    verdict: 'unavailable',
    advice: 'the SDK asks for credentials and the time anew with the next call',
    names: [
      'CredentialsProviderError',
      'ExpiredToken',
      'RequestExpired',
      'RequestInTheFuture',
      'RequestTimeTooSkewed',
    ],
  },
  {
    verdict: 'unavailable',
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
