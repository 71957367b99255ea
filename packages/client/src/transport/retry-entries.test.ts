import { describe, expect, it } from 'vitest';
import { QueueRejectedError, QueueUnavailableError } from '../contract/index.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { retryEntries } from './retry-entries.ts';
import type { Outcome, OutgoingMessage } from './transport.ts';

const message = (id: string): OutgoingMessage => ({ id, key: 'k', body: '{}', bytes: 2 });
const queued: Outcome = { kind: 'queued' };
const passing: Outcome = { kind: 'failed', error: new QueueUnavailableError('passing') };
const final: Outcome = { kind: 'failed', error: new QueueRejectedError('final') };

/** A transport that plays one list of outcomes, or one failure, per request. */
function scripted(...script: (readonly Outcome[] | Error)[]) {
  const requests: string[][] = [];
  const clock = fakeClock();
  const transport = retryEntries(
    {
      async send(messages) {
        requests.push(messages.map(({ id }) => id));
        const answer = script.shift();
        if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no request expected');
        return answer;
      },
    },
    { clock, random: { next: () => 0.999 } },
  );
  return { transport, requests, clock };
}

describe('retrying entries', () => {
  it('sends again only what failed for a passing reason, and keeps the order', async () => {
    const { transport, requests, clock } = scripted(
      [passing, queued, final, passing],
      [queued, passing],
      [queued],
    );

    const sent = transport.send(['a', 'b', 'c', 'd'].map(message));
    await clock.advance(300);

    expect(await sent).toEqual([queued, queued, final, queued]);
    expect(requests).toEqual([['a', 'b', 'c', 'd'], ['a', 'd'], ['d']]);
  });

  it('gives up after the third attempt', async () => {
    const { transport, requests, clock } = scripted([passing], [passing], [passing]);

    const sent = transport.send([message('a')]);
    await clock.advance(300);

    expect(await sent).toEqual([passing]);
    expect(requests).toHaveLength(3);
    expect(clock.sleeping).toBe(0);
  });

  it('waits up to 100 ms, then up to 200 ms', async () => {
    const { transport, requests, clock } = scripted([passing], [passing], [queued]);

    const sent = transport.send([message('a')]);
    await clock.advance(99);
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    expect(requests).toHaveLength(2);
    await clock.advance(198);
    expect(requests).toHaveLength(2);
    await clock.advance(2);

    expect(await sent).toEqual([queued]);
  });

  it('passes on the failure of the first request as it is', async () => {
    const failure = new QueueUnavailableError('down');
    const { transport, requests } = scripted(failure);

    await expect(transport.send([message('a')])).rejects.toBe(failure);
    expect(requests).toHaveLength(1);
  });

  it('keeps what was queued when a later request fails as a whole, and stops there', async () => {
    const failure = new QueueUnavailableError('down');
    const { transport, requests, clock } = scripted([queued, passing], failure);

    const sent = transport.send(['a', 'b'].map(message));
    await clock.advance(300);

    expect(await sent).toEqual([queued, { kind: 'failed', error: failure }]);
    expect(requests).toHaveLength(2);
  });

  it('notices a transport that answers for fewer messages than it was given', async () => {
    const { transport } = scripted([queued]);

    await expect(transport.send(['a', 'b'].map(message))).rejects.toThrow('expected 2 items, found 1');
  });
});
