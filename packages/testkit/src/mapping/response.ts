/** What becomes of a batch. */
export type Verdict =
  /** Every message is deleted except those whose id is in `failed`: they stay as they are. */
  | { readonly kind: 'processed'; readonly failed: ReadonlySet<string> }
  /** Nothing is deleted: every message comes back when its visibility ends. */
  | { readonly kind: 'whole-batch-failed'; readonly reason: string };

/**
 * Applies the rules of `ReportBatchItemFailures` to what a function answered.
 *
 * No answer, an empty one, and a missing, null or empty list mean that all succeeded. Anything that is not
 * JSON of the documented shape, and an identifier that is empty, missing or of no message in the batch, fails
 * the whole batch (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
 * @param text the function's answer as JSON; what is `undefined` in Node arrives as `null`.
 */
export function judgeResponse(text: string, messageIds: ReadonlySet<string>): Verdict {
  const response = parse(text);
  if (response === null) return allSucceeded;
  if (typeof response !== 'object' || Array.isArray(response))
    return failed('expected a JSON object or nothing');
  const items = (response as { batchItemFailures?: unknown }).batchItemFailures;
  if (items === undefined || items === null) return allSucceeded;
  if (!Array.isArray(items)) return failed('expected batchItemFailures to be a list');
  const identifiers = items.map(identifierOf);
  if (!identifiers.every((identifier) => identifier !== undefined)) {
    return failed('expected every item to have an itemIdentifier that is a string with content');
  }
  const unknown = identifiers.filter((identifier) => !messageIds.has(identifier)).length;
  if (unknown > 0) return failed(`expected message ids of this batch, found ${unknown} of no message in it`);
  return { kind: 'processed', failed: new Set(identifiers) };
}

const allSucceeded: Verdict = { kind: 'processed', failed: new Set() };

function failed(reason: string): Verdict {
  return { kind: 'whole-batch-failed', reason };
}

function identifierOf(item: unknown): string | undefined {
  const identifier = (item as { itemIdentifier?: unknown } | null | undefined)?.itemIdentifier;
  return typeof identifier === 'string' && identifier !== '' ? identifier : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
