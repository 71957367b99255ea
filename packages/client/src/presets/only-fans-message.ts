import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as z from 'zod/mini';
import { describeType, isPromise } from '@huntaze/kit';
import type { PayloadSchema } from '../contract/index.ts';
import { OWN_VENDOR } from '../contract/payload.ts';
import { publicHttpsUrlProblem } from './public-https-url.ts';

const MAX_RECIPIENT_LENGTH = 128;
const MAX_CONTENT_LENGTH = 10_000;
const MAX_MEDIA_URLS = 10;
const MAX_METADATA_FIELDS = 50;
const MAX_METADATA_NAME_LENGTH = 64;
const MAX_METADATA_TEXT_LENGTH = 1_000;

/** Payload of a message to a subscriber, as {@link onlyFansMessage} accepts it. */
export interface OnlyFansMessage {
  /** Who receives it: 1 to 128 characters. */
  readonly recipientId: string;
  /** What it says: 1 to 10,000 characters. */
  readonly content: string;
  /** Media to attach: at most 10 public https URLs of at most 2,048 characters each. */
  readonly mediaUrls?: readonly string[] | undefined;
  /**
   * Your own notes: at most 50, under names of 1 to 64 characters; each a boolean, a finite number or a
   * text of at most 1,000 characters.
   */
  readonly metadata?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/**
 * The payload schema of messages to OnlyFans subscribers. Fields that it does not know are refused, so
 * that a misspelt `mediaUrls` is an error and not a message without media. Media URLs are judged as
 * they are written and never fetched: whoever fetches one must check the address it connects to.
 */
export const onlyFansMessage: PayloadSchema<OnlyFansMessage> = /* @__PURE__ */ buildSchema();

function buildSchema(): PayloadSchema<OnlyFansMessage> {
  const mediaUrls = z
    .array(mediaUrl(), expected('a list of URLs'))
    .check(
      z.refine(
        (urls: readonly unknown[]) => urls.length <= MAX_MEDIA_URLS,
        expected(`at most ${MAX_MEDIA_URLS} URLs`),
      ),
    );
  const { validate } = z.strictObject(
    {
      recipientId: text(1, MAX_RECIPIENT_LENGTH),
      content: text(1, MAX_CONTENT_LENGTH),
      mediaUrls: z.optional(mediaUrls),
      metadata: z.optional(metadata()),
    },
    expected('an object of recipientId, content, mediaUrls and metadata'),
  )['~standard'];
  return {
    '~standard': {
      version: 1,
      vendor: OWN_VENDOR,
      validate(value) {
        const result = validate(value);
        return isPromise(result) ? result : withoutNames(result, value);
      },
    },
  };
}

/** The names of metadata are the sender's: its fields are shown by their positions. */
function withoutNames<Result extends StandardSchemaV1.Result<unknown>>(
  result: Result,
  payload: unknown,
): Result {
  if (!result.issues) return result;
  const names = Object.keys(Object((payload as Partial<OnlyFansMessage> | null)?.metadata));
  const positions = new Map<unknown, number>(names.map((own, index) => [own, index]));
  const issues = result.issues.map((issue) => {
    const [field, name] = issue.path ?? [];
    return field === 'metadata' && name !== undefined
      ? { ...issue, path: [field, positions.get(name) ?? 0] }
      : issue;
  });
  return { ...result, issues };
}

function text(min: number, max: number) {
  const range = expected(`text of ${min} to ${max} characters`);
  return z.string(range).check(z.minLength(min, range), z.maxLength(max, range));
}

function mediaUrl() {
  return z.string(expected('text')).check(
    z.refine((url: string) => publicHttpsUrlProblem(url) === undefined, {
      error: ({ input }) => publicHttpsUrlProblem(String(input)),
    }),
  );
}

function metadata() {
  const value = z.union(
    [text(0, MAX_METADATA_TEXT_LENGTH), z.number(), z.boolean()],
    expected('text, a finite number or a boolean'),
  );
  return z
    .record(
      text(1, MAX_METADATA_NAME_LENGTH),
      value,
      expected(`an object with names of 1 to ${MAX_METADATA_NAME_LENGTH} characters`),
    )
    .check(
      z.refine(
        (fields: object) => Object.keys(fields).length <= MAX_METADATA_FIELDS,
        expected(`at most ${MAX_METADATA_FIELDS} fields`),
      ),
    );
}

/** An error that says what was expected and what kind of thing was found, never the thing. */
function expected(what: string) {
  return {
    error: ({ code, input }: { readonly code: string; readonly input?: unknown }) =>
      `expected ${what}, found ${code === 'unrecognized_keys' ? 'other fields' : describe(input)}`,
  };
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `${value.length} characters`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const type = describeType(value);
  return type === 'an object' ? `an object with ${Object.keys(Object(value)).length} fields` : type;
}
