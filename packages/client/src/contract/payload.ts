import type { StandardSchemaV1 } from '@standard-schema/spec';
import { PayloadError, type PayloadProblem } from './errors.ts';
import { placeOf, type JsonValue } from './json.ts';

/** Any Standard Schema (https://standardschema.dev): zod, valibot, arktype, … */
export type PayloadSchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;

/** What a host hands to `send`. */
export type PayloadInput<Schema extends PayloadSchema> = StandardSchemaV1.InferInput<Schema>;

/** What `deliver` receives: the input after the schema's defaults and transforms. */
export type PayloadOutput<Schema extends PayloadSchema> = StandardSchemaV1.InferOutput<Schema>;

/** Accepts any JSON data: the default when no schema is given. */
export const jsonPayload: PayloadSchema<JsonValue> = {
  '~standard': { version: 1, vendor: 'huntaze', validate: (value) => ({ value: value as JsonValue }) },
};

/**
 * Runs a payload through its schema and gives the schema's output.
 * @throws {PayloadError} with every problem the schema found. Its messages are the schema's own:
 * zod's defaults name types, not values.
 */
export async function validatePayload<Schema extends PayloadSchema>(
  schema: Schema,
  payload: unknown,
): Promise<PayloadOutput<Schema>> {
  const result = await schema['~standard'].validate(payload);
  if (result.issues === undefined) return result.value;
  throw payloadError(result.issues);
}

/** What a schema has against a payload. */
export function payloadError(issues: readonly StandardSchemaV1.Issue[]): PayloadError {
  return new PayloadError(issues.map(toProblem));
}

function toProblem(issue: StandardSchemaV1.Issue): PayloadProblem {
  const keys = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  return { path: keys.reduce<string>(placeOf, 'payload'), message: issue.message };
}
