import { describe, expect, it } from 'vitest';
import { isQueueRejectedError, isQueueUnavailableError } from '../contract/index.ts';
import { readAnswer } from './sqs-requests.ts';

const outcomes = (answer: Parameters<typeof readAnswer>[0], entries: number) =>
  readAnswer(answer, entries).outcomes.map((outcome) => {
    if (outcome.kind === 'queued') return 'queued';
    return isQueueRejectedError(outcome.error)
      ? 'rejected'
      : isQueueUnavailableError(outcome.error) && 'unavailable';
  });
const successful = (...ids: string[]) => ({
  Successful: ids.map((Id) => ({ Id, MessageId: 'm', MD5OfMessageBody: 'd' })),
});
const failed = (Id: string, SenderFault: boolean) => ({ Failed: [{ Id, Code: 'Reason', SenderFault }] });

describe('the answer of SendMessageBatch', () => {
  it('is read by entry id, not by place', () => {
    expect(outcomes({ ...successful('2', '0'), ...failed('1', true) }, 3)).toEqual([
      'queued',
      'rejected',
      'queued',
    ]);
  });

  it("is worth another try unless the entry failed by the sender's fault", () => {
    expect(outcomes(failed('0', false), 1)).toEqual(['unavailable']);
    expect(outcomes(failed('0', true), 1)).toEqual(['rejected']);
  });

  it('is worth another try for throttling, which SQS calls the sender’s fault', () => {
    const answer = { Failed: [{ Id: '0', Code: 'RequestThrottled', SenderFault: true }] };

    expect(outcomes(answer, 1)).toEqual(['unavailable']);
  });

  it('never counts as queued what it does not mention', () => {
    expect(outcomes(successful('0'), 2)).toEqual(['queued', 'unavailable']);
    expect(outcomes({}, 2)).toEqual(['unavailable', 'unavailable']);
    expect(outcomes(undefined, 1)).toEqual(['unavailable']);
  });

  it('never counts as queued what it calls both successful and failed', () => {
    expect(outcomes({ ...successful('0'), ...failed('0', false) }, 1)).toEqual(['unavailable']);
  });

  it('passes over entries that were not sent, and counts them', () => {
    const answer = { ...successful('0', '7', '00', '-1', ''), ...failed('toString', true) };

    expect(outcomes(answer, 1)).toEqual(['queued']);
    expect(readAnswer(answer, 1).strangers).toBe(5);
  });
});
