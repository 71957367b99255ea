import { ReceiveMessageCommand, type DeleteMessageBatchCommand, type Message } from '@aws-sdk/client-sqs';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { vi } from 'vitest';
import type { Handler } from '../message/event.ts';
import { createWorker, type StopReport, type WorkerOptions, type WorkerSqsClient } from '../worker.ts';
import { listen } from './make-handler.ts';
import { listing, QUEUE_URL } from './records.ts';

/** Ids of messages; one that stands there twice has another receipt handle each time. */
type Reply = readonly string[] | Error | 'silence';

/** A worker around a queue that answers receives as scripted, then has nothing; and what both did. */
export function makeWorker({
  replies = [],
  refuseDelete = false,
  ...options
}: Partial<WorkerOptions> & { readonly replies?: readonly Reply[]; readonly refuseDelete?: boolean } = {}) {
  const clock = fakeClock();
  const script = [...replies];
  const receives: { readonly atMs: number; readonly input: ReceiveMessageCommand['input'] }[] = [];
  const deleted: string[] = [];
  const receive = async ({ input }: ReceiveMessageCommand) => {
    receives.push({ atMs: clock.monotonicMs(), input });
    const reply = script.shift();
    if (reply === 'silence') return await new Promise<never>(() => {});
    if (reply instanceof Error) throw reply;
    if (reply) return { Messages: reply.map(toMessage) };
    await clock.sleep((input.WaitTimeSeconds ?? 0) * 1_000);
    return {};
  };
  const remove = async ({ input: { Entries = [] } }: DeleteMessageBatchCommand) => {
    if (refuseDelete) throw Object.assign(new Error('no'), { name: 'RequestThrottled' });
    if (new Set(Entries.map(({ Id }) => Id)).size < Entries.length)
      throw Object.assign(new Error('no'), { name: 'BatchEntryIdsNotDistinct' });
    deleted.push(...Entries.map(({ ReceiptHandle = '' }) => ReceiptHandle));
    return { Successful: Entries.map(({ Id = '' }) => ({ Id })) };
  };
  const send = (command: ReceiveMessageCommand | DeleteMessageBatchCommand) =>
    command instanceof ReceiveMessageCommand ? receive(command) : remove(command);
  const heard = listen();
  const worker = createWorker({
    queueUrl: QUEUE_URL,
    handler: async () => listing(),
    sqs: { send: send as WorkerSqsClient['send'] },
    concurrency: 1,
    random: { next: () => 0 },
    clock,
    logger: heard.ports.logger,
    ...options,
  });
  /** Stops it, and lets the open poll end. */
  const stop = async () => {
    const reports: StopReport[] = [];
    void worker.stop().then((report) => reports.push(report));
    while (reports.length === 0) await clock.advance(20);
    return reports[0];
  };
  return { worker, stop, clock, receives, deleted, ...heard };
}

function toMessage(id: string, index: number, ids: readonly string[]): Message {
  return {
    MessageId: id,
    ReceiptHandle: ids.indexOf(id) === index ? `handle of ${id}` : `another handle of ${id}`,
    Body: `body of ${id}`,
    Attributes: { SenderId: id },
  };
}

/** Waits until what goes on by itself has come so far. */
export const eventually = (check: () => void) => vi.waitFor(check, { interval: 1 });

/** A handler that answers when it is told to. */
export function slowHandler() {
  const open: (() => void)[] = [];
  const handler = vi.fn<Handler>(() => new Promise((resolve) => open.push(() => resolve(listing()))));
  return { handler, open };
}
