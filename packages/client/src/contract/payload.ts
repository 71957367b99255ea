import type { StandardSchemaV1 } from '@standard-schema/spec';
import { PayloadError, type PayloadProblem } from './errors.ts';
import type { JsonValue } from './json.ts';
import { placeOf, placesIn, type Place } from './place.ts';

/** Any Standard Schema (https://standardschema.dev): zod, valibot, arktype, … */
export type PayloadSchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;

/** What a host hands to `send`. */
export type PayloadInput<Schema extends PayloadSchema> = StandardSchemaV1.InferInput<Schema>;

/** What `deliver` receives: the input after the schema's defaults and transforms. */
export type PayloadOutput<Schema extends PayloadSchema> = StandardSchemaV1.InferOutput<Schema>;

/** Schemas of this package: their words hold no content, so they may always be repeated. */
export const OWN_VENDOR = 'huntaze';

/** Accepts any JSON data: the default when no schema is given. */
export const jsonPayload: PayloadSchema<JsonValue> = {
  '~standard': { version: 1, vendor: OWN_VENDOR, validate: (value) => ({ value: value as JsonValue }) },
};

/** How problems with a payload are told. */
export interface PayloadWords {
  /**
   * For development: whether the schema's own messages and field names are repeated in errors, logs, dead letters and
   * responses. They may quote the payload. Default false: positions and kinds alone.
   */
  readonly schemaMessages?: boolean | undefined;
}

/** A payload after its schema. */
export type CheckedPayload<Output> =
  | { readonly kind: 'valid'; readonly value: Output }
  | { readonly kind: 'refused'; readonly error: PayloadError };

/** Runs a payload through its schema. Throws what the schema throws. */
export async function checkPayload<Schema extends PayloadSchema>(
  schema: Schema,
  payload: unknown,
  words: PayloadWords = {},
): Promise<CheckedPayload<PayloadOutput<Schema>>> {
  const result = await schema['~standard'].validate(payload);
  return result.issues === undefined
    ? { kind: 'valid', value: result.value }
    : { kind: 'refused', error: payloadError(schema, payload, result.issues, words) };
}

/**
 * Runs a payload through its schema. @returns the schema's output.
 * @throws {PayloadError} with every problem the schema found: where, and what kind of value is there. Holds no content,
 * unless `schemaMessages` lets the schema speak for itself.
 */
export async function validatePayload<Schema extends PayloadSchema>(
  schema: Schema,
  payload: unknown,
  words: PayloadWords = {},
): Promise<PayloadOutput<Schema>> {
  const checked = await checkPayload(schema, payload, words);
  if (checked.kind === 'refused') throw checked.error;
  return checked.value;
}

/** What a schema has against a payload. */
export function payloadError(
  schema: PayloadSchema,
  payload: unknown,
  issues: readonly StandardSchemaV1.Issue[],
  { schemaMessages = false }: PayloadWords,
): PayloadError {
  const find = placesIn(payload, 'payload');
  const inOwnWords = schemaMessages || schema['~standard'].vendor === OWN_VENDOR;
  const problems = issues.map(({ path = [], message }): PayloadProblem => {
    const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
    return inOwnWords ? { path: keys.reduce<string>(placeOf, 'payload'), message } : refusalAt(find(keys));
  });
  // A schema may refuse without a word.
  return new PayloadError(problems.length > 0 ? problems : [refusalAt(find([]))]);
}

function refusalAt({ path, found }: Place): PayloadProblem {
  return { path, message: `expected what the payload schema accepts, found ${found}` };
}
