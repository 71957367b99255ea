import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  problemsFound,
  processOf,
  refusesWrongOptions,
  type Factory,
} from '../../kit/src/checks/wrong-options.fixture.ts';
import * as dynamodb from './dynamodb/index.ts';
import * as dynamodbLimiter from './dynamodb/limiter/index.ts';
import * as prisma from './prisma/index.ts';
import * as limiter from './prisma/limiter/index.ts';

const noRows = async () => [];
const nothing = async () => ({ count: 0 });
const client = { $connect: nothing, $queryRawUnsafe: noRows, $executeRawUnsafe: async () => 0 };
const model = {
  upsert: nothing,
  findMany: noRows,
  updateMany: nothing,
  deleteMany: nothing,
  count: async () => 0,
};
const documents = { send: async () => ({}) };

const makePrisma = (given: object) => {
  const { prisma: subject, ...options } = Object(given) as { prisma: prisma.PrismaClientLike };
  return prisma.prismaFallbackStore(subject, options);
};

const makeLimiter = (given: object) => {
  const { prisma: subject, ...options } = Object(given) as { prisma: limiter.PrismaLimiterClientLike };
  return limiter.prismaLimiter(subject, options);
};

const factories: Readonly<Record<string, Factory>> = {
  'prismaFallbackStore of a client': { make: makePrisma, valid: { prisma: client }, groups: ['columns'] },
  'prismaFallbackStore of a model': { make: makePrisma, valid: { prisma: model } },
  prismaLimiter: { make: makeLimiter, valid: { prisma: client }, numbers: ['rememberMs', 'timeoutMs'] },
  dynamoDbFallbackStore: {
    make: dynamodb.dynamoDbFallbackStore,
    valid: { client: documents, tableName: 'fallback-messages' },
    numbers: ['shards', 'rememberMs', 'keepDeadMs'],
  },
  dynamoDbLimiter: {
    make: dynamodbLimiter.dynamoDbLimiter,
    valid: { client: documents, tableName: 'limiter' },
    numbers: ['rememberMs', 'clockSkewMs', 'timeoutMs'],
  },
  limiterTableDefinition: { make: dynamodbLimiter.limiterTableDefinition, valid: { tableName: 'limiter' } },
  tableDefinition: { make: dynamodb.tableDefinition, valid: { tableName: 'fallback-messages' } },
  timeToLiveDefinition: { make: dynamodb.timeToLiveDefinition, valid: { tableName: 'fallback-messages' } },
};

describe.each(Object.entries(factories))('%s', (_, factory) => {
  refusesWrongOptions(factory);
});

describe.each(Object.entries(factories))('on an engine, %s', (_, factory) => {
  afterEach(() => vi.unstubAllGlobals());

  it('that is too old, is not made', () => {
    vi.stubGlobal('process', processOf({ node: '20.19.5' }));
    expect(problemsFound(factory, factory.valid)).toEqual([
      'engine: expected Node 22.13 or newer, found 20.19.5: run this with a newer Node',
    ]);
  });

  it.each([{ node: '22.13.0' }, { node: '20.11.1', bun: '1.1.0' }, { node: '20.11.1', deno: '2.0.0' }])(
    'is made: %j',
    (versions) => {
      vi.stubGlobal('process', processOf(versions));
      expect(problemsFound(factory, factory.valid)).toEqual([]);
    },
  );
});

describe('names', () => {
  it.each([
    [{ table: '' }, 'table: expected a name of 1 to 63 bytes, found an empty string'],
    [{ table: 'x'.repeat(64) }, 'table: expected a name of 1 to 63 bytes, found another string'],
    [{ schema: 'a\0b' }, 'schema: expected a name of 1 to 63 bytes, found another string'],
    [
      { columns: { dueAtMs: '' } },
      'columns.dueAtMs: expected a name of 1 to 63 bytes, found an empty string',
    ],
    [
      { columns: { dueAtMs: 'storedAtMs' } },
      'columns: expected a name of its own for each column, found one name twice',
    ],
  ])('of a table in PostgreSQL are not %j', (options, problem) => {
    expect(problemsFound({ make: makePrisma }, { prisma: client, ...options })).toEqual([problem]);
  });

  it.each(['schema', 'keyTable', 'messageTable'])('of a limiter in PostgreSQL are checked: %s', (option) => {
    const problem = `${option}: expected a name of 1 to 63 bytes, found an empty string`;
    expect(problemsFound({ make: makeLimiter }, { prisma: client, [option]: '' })).toEqual([problem]);
  });

  it.each(['', 'ab', 'a b', 'x'.repeat(256), 'arn:aws:dynamodb:eu-west-1:123456789012:table/'])(
    'of a table in DynamoDB are not %j',
    (tableName) => {
      expect(problemsFound({ make: dynamodb.tableDefinition }, { tableName })).toHaveLength(1);
    },
  );

  it('of a table in DynamoDB may be an ARN', () => {
    const tableName = 'arn:aws:dynamodb:eu-west-1:123456789012:table/messages';
    expect(problemsFound({ make: dynamodb.tableDefinition }, { tableName })).toEqual([]);
  });
});

it('a limiter is not made of the client of a transaction, which could take back what it granted', () => {
  const { $connect: _, ...transaction } = client;
  expect(problemsFound({ make: makeLimiter }, { prisma: transaction })).toEqual([
    expect.stringContaining('prisma: expected'),
  ]);
});

it('no factory is missing here', () => {
  const made = new Set(Object.keys(factories).map((name) => name.split(' ')[0]));
  const callable = Object.entries({ ...dynamodb, ...dynamodbLimiter, ...prisma, ...limiter })
    .filter(([, value]) => typeof value === 'function')
    .map(([name]) => name);
  expect(callable.filter((name) => !made.has(name))).toEqual([]);
});
