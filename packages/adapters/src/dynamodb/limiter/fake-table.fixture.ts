import { BatchGetCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DocumentClient } from '../document-client.ts';

type Item = Readonly<Record<string, unknown>>;
/** The commands that the limiter sends. */
export type Sent = GetCommand | BatchGetCommand | PutCommand;

/** A document client of one table in memory, and the units that DynamoDB would charge for what it was sent. */
export interface FakeTable extends DocumentClient {
  readonly items: Map<string, Item>;
  readonly units: { read: number; written: number };
}

/**
 * @param around what becomes of a command: by default it is carried out and answered.
 */
export function fakeTable(
  around: (command: Sent, carryOut: () => object) => unknown = (_, carryOut) => carryOut(),
): FakeTable {
  const items = new Map<string, Item>();
  const units = { read: 0, written: 0 };

  const get = (key: unknown): Item | undefined => {
    const item = items.get((key as { id: string }).id);
    units.read += Math.ceil(Math.max(1, bytesOf(item ?? {})) / 4_096);
    return item;
  };

  const put = ({ Item: item = {}, ConditionExpression, ExpressionAttributeValues }: PutCommand['input']) => {
    const id = String(item['id']);
    const before = items.get(id);
    units.written += Math.ceil(Math.max(bytesOf(item), bytesOf(before ?? {})) / 1_024);
    if (!isMet(ConditionExpression, ExpressionAttributeValues ?? {}, before)) throw conditionFailed();
    items.set(id, item);
    return {};
  };

  const carryOut = (command: Sent): object => {
    if (command instanceof PutCommand) return put(command.input);
    if (command instanceof GetCommand) return { Item: get(command.input.Key) };
    const [[name, { Keys = [] }] = ['', {}]] = Object.entries(command.input.RequestItems ?? {});
    return { Responses: { [name]: Keys.flatMap((key) => get(key) ?? []) } };
  };

  return {
    items,
    units,
    send: async (command: Sent) => around(command, () => carryOut(command)),
  };
}

const conditionFailed = () =>
  Object.assign(new Error('The conditional request failed'), { name: 'ConditionalCheckFailedException' });

/** What DynamoDB says when it has no capacity. */
export const throttled = () =>
  Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' });

/** Whether one of the alternatives of a condition holds. */
function isMet(condition: string | undefined, values: Item, item: Item | undefined): boolean {
  return (condition?.split(' OR ') ?? ['']).some((one) => {
    if (one === '') return true;
    if (one === 'attribute_not_exists(id)') return item === undefined;
    const [attribute = '', value = ''] = one.split(' = ');
    return item !== undefined && item[attribute] === values[value];
  });
}

/** The size of an item (DynamoDB: "Item sizes and formats"). */
function bytesOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + valueBytesOf(value), 0);
}

function valueBytesOf(value: unknown): number {
  if (typeof value === 'number') return Math.ceil(String(value).length / 2) + 1;
  return Buffer.byteLength(value as string | Uint8Array);
}
