import { keyAndId } from '@huntaze/kit';
import { createHash } from 'node:crypto';
import type { StoredMessage } from '@huntaze/rate-limiter-client/contract';

/** A message as the table holds it. Pending and dead ones have a shard and are in the index, replayed ones are not. */
export interface Item {
  /** The message's key, a space, its id. */
  readonly id: string;
  readonly body: string;
  readonly storedAtMs: number;
  readonly error: string;
  readonly attempts: number;
  /** `pending#5` or `dead#5`: a partition of the index, see {@link shardsOf}. */
  readonly shard: string;
  /** When it may be claimed; of a dead one, when it was given up. */
  readonly dueAtMs: number;
  /** Of the newest claim, until it is settled. */
  readonly claimToken?: string;
  /** From when on DynamoDB may remove it, for what is done. */
  readonly expiresAtSeconds?: number;
}

/** The item of a message that was replayed: the rest is removed. */
export type RememberedItem = Pick<Item, 'id' | 'storedAtMs' | 'attempts' | 'expiresAtSeconds'>;

export type Standing = 'pending' | 'dead';

/** The most that an item may take, names of attributes included (DynamoDB: "Item sizes", 400 KB). */
export const MAX_ITEM_BYTES = 400 * 1024;

/** What an item takes beside its texts: names of attributes, numbers, a shard, a token. Generous. */
const OTHER_BYTES = 512;

/** The item of a message that was never claimed. A client's clock may be ahead: nothing is due later than now. */
export function newItem(id: string, message: StoredMessage, shards: number, nowMs: number): Item {
  const { body, storedAtMs, error } = message;
  return {
    id,
    body,
    storedAtMs,
    error,
    attempts: 0,
    shard: shardOf('pending', id, shards),
    dueAtMs: Math.min(storedAtMs, nowMs),
  };
}

/**
 * An item as the document client returns it. Its option `wrapNumbers` decides the type of numbers, and with
 * `convertEmptyValues` an empty text is null.
 */
export function itemOf(attributes: Readonly<Record<string, unknown>>): Item {
  const { body, error } = attributes as unknown as Partial<Item>;
  return {
    ...(attributes as unknown as Item),
    body: body ?? '',
    error: error ?? '',
    storedAtMs: numberOf(attributes['storedAtMs']),
    dueAtMs: numberOf(attributes['dueAtMs']),
    attempts: numberOf(attributes['attempts']),
  };
}

/** A number, a `bigint`, or an object that holds the number as text. All of ours fit into a `number`. */
export function numberOf(wrapped: unknown): number {
  const { value = wrapped } = Object(wrapped) as { readonly value?: unknown };
  return Number(value);
}

export function messageOf({ id, body, storedAtMs, error }: Item): StoredMessage {
  return { ...keyAndId(id), body, storedAtMs, error };
}

/** How many bytes a message's item takes at most. */
export function itemBytesOf({ key, id, body, error }: StoredMessage): number {
  const texts = [key, id, body, error].map((text) => Buffer.byteLength(text));
  return texts.reduce((sum, bytes) => sum + bytes, OTHER_BYTES);
}

/**
 * The partition of the index where a message stands. All that becomes due at once during an outage would otherwise
 * be written to one partition, which takes 1,000 writes per second (DynamoDB: "partition throughput").
 */
export function shardOf(standing: Standing, id: string, shards: number): string {
  return `${standing}#${createHash('sha1').update(id).digest().readUInt32BE() % shards}`;
}

/** All partitions of the index where messages of a standing are. */
export function shardsOf(standing: Standing, shards: number): readonly string[] {
  return Array.from({ length: shards }, (_, shard) => `${standing}#${shard}`);
}
