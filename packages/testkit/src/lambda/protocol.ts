import type { Context, SQSEvent } from 'aws-lambda';

/** What an environment is asked to run. */
export interface InvokeRequest {
  readonly event: SQSEvent;
  readonly context: Pick<
    Context,
    'awsRequestId' | 'functionName' | 'functionVersion' | 'invokedFunctionArn' | 'memoryLimitInMB'
  >;
  /** When it will be killed, since 1970. */
  readonly deadlineAtMs: number;
}

/** What an environment says. */
export type RuntimeSays =
  | { readonly kind: 'ready' }
  /** `text` is the answer as JSON. */
  | { readonly kind: 'returned'; readonly text: string }
  | { readonly kind: 'threw'; readonly name: string; readonly message: string };
