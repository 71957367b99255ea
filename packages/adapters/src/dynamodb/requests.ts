import { namesAmong } from '@huntaze/kit';
import { StoreUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { patience, type Pausing } from '../patience.ts';
import type { DocumentClient, DocumentCommand } from './document-client.ts';
import type { TableTime } from './table-time.ts';

/** How many requests of one call of a store are under way at once. */
export const REQUESTS_AT_ONCE = 25;

const RAISE = "raise the table's capacity";
const REPEAT = 'repeat it, for others were changing the message';

/**
 * What DynamoDB says of a request that it has not carried out, and what helps: for want of capacity, or because a
 * transaction of the host or another Region was changing the item (DynamoDB: "Error handling with DynamoDB").
 */
const refusals: ReadonlyMap<string, string> = new Map([
  ['ProvisionedThroughputExceededException', RAISE],
  ['RequestLimitExceeded', RAISE],
  ['ThrottledException', RAISE],
  ['ThrottlingException', RAISE],
  ['TransactionConflictException', REPEAT],
  ['ReplicatedWriteConflictException', REPEAT],
]);

export interface RequestParts extends Pausing {
  readonly client: DocumentClient;
  /** Learns the time from answers. Default: nobody does. */
  readonly time?: TableTime;
}

/** Whether a condition held. */
type Conditional<Answer> = { readonly met: true; readonly answer: Answer } | { readonly met: false };

/**
 * Sends the requests of one call of a store. One that DynamoDB had no capacity for, or that met another one, was not carried
 * out: it is sent again while the patience of the call lasts.
 */
export function requestsTo({ client, time, ...pausing }: RequestParts) {
  const { repeat, pause } = patience(pausing, (error) => refusals.has(nameOf(error)));
  return {
    /**
     * Sends one command, in a new copy each time.
     * @param take is given the answer; may throw {@link refusedInPart}.
     * @throws {StoreUnavailableError} with the SDK's error as its cause; the failure of a condition as it is.
     */
    async send<Output>(
      what: string,
      make: () => object,
      take: (output: Output) => void = () => {},
    ): Promise<Output> {
      try {
        return await repeat(async () => {
          const command = make();
          time?.learnFrom(command);
          const output = (await client.send(command as DocumentCommand)) as Output;
          time?.answered();
          take(output);
          return output;
        });
      } catch (error) {
        if (isConditionFailure(error)) throw error;
        const name = nameOf(error);
        const remedy = refusals.get(name) ?? "check the table's name and region, and the role's permissions";
        throw new StoreUnavailableError(`expected DynamoDB ${what}, found ${name}: ${remedy}`, error);
      }
    },
    /** The first pause, for what was refused in part. */
    pause,
  };
}

/** What a batch amounts to of which DynamoDB left a part: that part is to be sent again. */
export function refusedInPart(): Error {
  return Object.assign(new Error('a part of a batch was not processed'), {
    name: 'ProvisionedThroughputExceededException',
  });
}

/** Tells whether the condition of a request held. */
export async function conditional<Answer>(request: () => Promise<Answer>): Promise<Conditional<Answer>> {
  try {
    return { met: true, answer: await request() };
  } catch (error) {
    if (isConditionFailure(error)) return { met: false };
    throw error;
  }
}

function isConditionFailure(error: unknown): boolean {
  return nameOf(error) === 'ConditionalCheckFailedException';
}

function nameOf(error: unknown): string {
  return namesAmong(Object(error).name) ?? 'an error without a name';
}
