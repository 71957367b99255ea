import { clock, having, ids, random, text, whole } from '@huntaze/kit/checks';
import { systemClock, systemRandom, uuidIds } from '@huntaze/rate-limiter-client/contract';

const DAY_MS = 86_400_000;
const TEN_YEARS_MS = 10 * 365 * DAY_MS;

/** What the definitions of the table must be told: its name, or its ARN (DynamoDB: CreateTable, "TableName"). */
export const tableChecks = {
  tableName: text('the name of a table', /^(?:arn:[\w-]+:dynamodb:[\w-]+:\d+:table\/)?[\w.-]{3,255}$/),
};

/** What each option must be, and its value when it is left out. */
export const dynamoDbTable = {
  client: { check: having('send') },
  tableName: { check: tableChecks.tableName },
  shards: { check: whole(1, 256), default: 16 },
  rememberMs: { check: whole(0, TEN_YEARS_MS), default: DAY_MS },
  keepDeadMs: { check: whole(0, TEN_YEARS_MS), default: undefined },
  clock: { check: clock, default: systemClock },
  ids: { check: ids, default: uuidIds },
  random: { check: random, default: systemRandom },
};
