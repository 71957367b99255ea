import { clock, having, ids, optional, random, text, whole } from '@huntaze/kit/checks';

const TEN_YEARS_MS = 10 * 365 * 86_400_000;

/** A table's name, or its ARN (DynamoDB: CreateTable, "TableName"). */
const tableName = text('the name of a table', /^(?:arn:[\w-]+:dynamodb:[\w-]+:\d+:table\/)?[\w.-]{3,255}$/);

/** What each option must be. */
export const dynamoDbChecks = {
  client: having('send'),
  tableName,
  shards: optional(whole(1, 256)),
  rememberMs: optional(whole(0, TEN_YEARS_MS)),
  keepDeadMs: optional(whole(0, TEN_YEARS_MS)),
  clock,
  ids,
  random,
};

/** What the definitions of the table must be told. */
export const tableChecks = { tableName };
