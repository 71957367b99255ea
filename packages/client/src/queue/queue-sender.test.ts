import { describe, expect, it } from 'vitest';
import { QueueRejectedError, QueueUnavailableError } from '../contract/index.ts';
import type { RequestOutcome, OutgoingMessage } from './outgoing.ts';
import { virtualTime } from '../virtual-time.fixture.ts';
import { openBreaker } from './breaker.ts';
import { isOutage, withRetries } from './queue-sender.ts';

const clock = virtualTime();
const message = (id: string): OutgoingMessage => ({ id, key: 'k', body: '{}', bytes: 2 });
const queued: RequestOutcome = { kind: 'queued' };
const passing: RequestOutcome = {
  kind: 'failed',
  errorClass: 'unavailable',
  error: new QueueUnavailableError('busy'),
};
const throttled: RequestOutcome = { ...passing, errorClass: 'throttled' };
const final: RequestOutcome = {
  kind: 'failed',
  errorClass: 'rejected',
  error: new QueueRejectedError('final'),
};

/** A sender whose requests are answered from a script; one without a line in it is never answered. */
function makeSender(...script: (readonly RequestOutcome[])[]) {
  const requests: string[][] = [];
  const aborted: number[] = [];
  const circuit = openBreaker<readonly RequestOutcome[]>({
    failureThreshold: 5,
    halfOpenAfterMs: 60_000,
    clock,
    isFailure: isOutage,
    onChange: () => {},
  });
  const sender = withRetries(
    {
      send(messages, signal) {
        const request = requests.push(messages.map(({ id }) => id));
        signal?.addEventListener('abort', () => void aborted.push(request));
        const answer = script.shift();
        return answer ? Promise.resolve(answer) : new Promise(() => {});
      },
    },
    {
      maxAttempts: 3,
      initialDelayMs: 100,
      maxDelayMs: 5_000,
      timeoutMs: 3_000,
      breaker: circuit,
      clock,
      random: { next: () => 0.5 },
    },
  );
  return { sender, circuit, requests, aborted };
}

const times = (count: number, outcome: RequestOutcome) => Array.from({ length: count }, () => [outcome]);

describe('retries', () => {
  it('send again only what failed for a passing reason, and keep the order', async () => {
    const { sender, requests } = makeSender([passing, queued, final, passing], [queued, passing], [queued]);

    const sent = sender.send(['a', 'b', 'c', 'd'].map(message));
    await clock.advance(550);

    expect(await sent).toEqual([queued, queued, final, queued]);
    expect(requests).toEqual([['a', 'b', 'c', 'd'], ['a', 'd'], ['d']]);
  });

  it('wait 200 and 350 ms when chance says one half, and five times as long after throttling', async () => {
    const slow = makeSender([throttled], [queued]);
    const { sender, requests } = makeSender([passing], [passing], [queued]);

    void sender.send([message('a')]);
    void slow.sender.send([message('a')]);
    const seen = [];
    for (const ms of [199, 1, 349, 1, 449, 1]) {
      await clock.advance(ms);
      seen.push([requests.length, slow.requests.length]);
    }

    expect(seen).toEqual([
      [1, 1],
      [2, 1],
      [2, 1],
      [3, 1],
      [3, 1],
      [3, 2],
    ]);
  });

  it('end with the third attempt', async () => {
    const { sender, requests } = makeSender(...times(4, passing));

    const sent = sender.send([message('a')]);
    await clock.advance(10_000);

    expect(await sent).toEqual([passing]);
    expect(requests).toHaveLength(3);
  });

  it('are not made for what SQS refuses for good', async () => {
    const { sender, requests } = makeSender([final]);

    expect(await sender.send([message('a')])).toEqual([final]);
    expect(requests).toHaveLength(1);
  });
});

describe('the time limit', () => {
  it('aborts a request, and lets another attempt follow', async () => {
    const { sender, requests, aborted } = makeSender();

    const sent = sender.send([message('a')]);
    await clock.advance(2_999);
    expect(aborted).toEqual([]);
    await clock.advance(1);
    expect(aborted).toEqual([1]);
    await clock.advance(10_000);

    expect(requests).toHaveLength(3);
    expect(await sent).toMatchObject([
      { errorClass: 'unavailable', error: { message: expect.stringContaining('TimeoutError') } },
    ]);
  });
});

describe('the breaker', () => {
  it('counts every attempt, and ends the retries when it opens', async () => {
    const { sender, circuit, requests } = makeSender(...times(5, passing));

    const first = sender.send([message('a')]);
    await clock.advance(1_000);
    await first;
    const second = sender.send([message('b')]);
    await clock.advance(200);

    expect(await second).toEqual([passing]);
    expect([requests.length, circuit.state()]).toEqual([5, 'open']);
  });

  it('costs no request while it is open, and says when the next one is', async () => {
    const { sender, requests } = makeSender(...times(5, passing));
    await openIt(sender);

    const [outcome] = await sender.send([message('c')]);

    expect(requests).toHaveLength(5);
    expect(outcome).toMatchObject({
      kind: 'failed',
      errorClass: 'unavailable',
      error: { retryable: true, message: expect.stringMatching(/not sent; the next try is in \d+ s/) },
    });
  });

  it('does not mind requests of which a part got through, nor refusals', async () => {
    const { sender, circuit } = makeSender(
      ...Array.from({ length: 20 }, () => [passing, queued]),
      ...times(20, final),
    );

    for (let round = 0; round < 12; round++) {
      const sent = sender.send([message('a'), message('b')]);
      await clock.advance(0);
      void sent;
    }

    expect(circuit.state()).toBe('closed');
  });

  it('counts requests that are not answered', async () => {
    const { sender, circuit } = makeSender();

    for (const id of ['a', 'b', 'c', 'd', 'e']) void sender.send([message(id)]);
    await clock.advance(3_000);

    expect(circuit.state()).toBe('open');
  });

  it('says that a message was in no request while another one probes, whatever comes of the probe', async () => {
    const { sender, circuit, requests } = makeSender(...times(5, passing));
    await openIt(sender);
    await clock.advance(60_000);

    const probing = sender.send([message('c')]);
    const [refused] = await sender.send([message('d')]);
    await clock.advance(3_000);

    expect(refused).toMatchObject({ kind: 'failed', untried: true });
    expect((await probing)[0]).not.toHaveProperty('untried');
    expect([requests.length, circuit.state()]).toEqual([6, 'open']);
  });

  it('closes with a probe that gets through', async () => {
    const { sender, circuit, requests } = makeSender(...times(5, passing), [queued]);
    await openIt(sender);
    await clock.advance(60_000);

    expect(await sender.send([message('c')])).toEqual([queued]);
    expect([requests.length, circuit.state()]).toEqual([6, 'closed']);
  });

  async function openIt(sender: ReturnType<typeof makeSender>['sender']) {
    for (const id of ['a', 'b']) {
      const sent = sender.send([message(id)]);
      await clock.advance(1_000);
      await sent;
    }
  }
});

describe('a bound of time', () => {
  it('ends the waiting with what is known by then, and aborts what is under way', async () => {
    const { sender, requests, aborted } = makeSender();

    const sent = sender.send([message('a')], { withinMs: 250 });
    await clock.advance(250);

    expect(await sent).toMatchObject([
      { kind: 'failed', error: { message: expect.stringContaining('within 250 ms') } },
    ]);
    expect(aborted).toEqual([1]);
    await clock.advance(60_000);
    expect(requests).toHaveLength(1);
  });

  it('keeps the reason of an attempt that failed before', async () => {
    const { sender, requests } = makeSender([queued, passing]);

    const sent = sender.send(['a', 'b'].map(message), { withinMs: 150 });
    await clock.advance(150);

    expect(await sent).toEqual([queued, passing]);
    await clock.advance(60_000);
    expect(requests).toHaveLength(1);
  });

  it('counts for the breaker', async () => {
    const { sender, circuit } = makeSender();

    for (const id of ['a', 'b', 'c', 'd', 'e']) void sender.send([message(id)], { withinMs: 250 });
    await clock.advance(250);

    expect(circuit.state()).toBe('open');
  });
});
