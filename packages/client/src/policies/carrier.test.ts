import { describe, expect, it } from 'vitest';
import { QueueRejectedError, QueueUnavailableError } from '../contract/index.ts';
import type { Outcome, OutgoingMessage } from '../transport/transport.ts';
import { virtualTime } from '../virtual-time.fixture.ts';
import { breaker } from './breaker.ts';
import { isOutage, persistently } from './carrier.ts';

const clock = virtualTime();
const message = (id: string): OutgoingMessage => ({ id, key: 'k', body: '{}', bytes: 2 });
const queued: Outcome = { kind: 'queued' };
const passing: Outcome = { kind: 'failed', verdict: 'unavailable', error: new QueueUnavailableError('busy') };
const throttled: Outcome = { ...passing, verdict: 'throttled' };
const final: Outcome = { kind: 'failed', verdict: 'rejected', error: new QueueRejectedError('final') };

/** A carrier whose requests are answered from a script; one without a line in it is never answered. */
function makeCarrier(...script: (readonly Outcome[])[]) {
  const requests: string[][] = [];
  const aborted: number[] = [];
  const circuit = breaker<readonly Outcome[]>({
    failureThreshold: 5,
    halfOpenAfterMs: 60_000,
    clock,
    isFailure: isOutage,
    onChange: () => {},
  });
  const carrier = persistently(
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
  return { carrier, circuit, requests, aborted };
}

const times = (count: number, outcome: Outcome) => Array.from({ length: count }, () => [outcome]);

describe('retries', () => {
  it('send again only what failed for a passing reason, and keep the order', async () => {
    const { carrier, requests } = makeCarrier([passing, queued, final, passing], [queued, passing], [queued]);

    const carried = carrier.carry(['a', 'b', 'c', 'd'].map(message));
    await clock.advance(550);

    expect(await carried).toEqual([queued, queued, final, queued]);
    expect(requests).toEqual([['a', 'b', 'c', 'd'], ['a', 'd'], ['d']]);
  });

  it('wait 200 and 350 ms when chance says one half, and five times as long after throttling', async () => {
    const slow = makeCarrier([throttled], [queued]);
    const { carrier, requests } = makeCarrier([passing], [passing], [queued]);

    void carrier.carry([message('a')]);
    void slow.carrier.carry([message('a')]);
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
    const { carrier, requests } = makeCarrier(...times(4, passing));

    const carried = carrier.carry([message('a')]);
    await clock.advance(10_000);

    expect(await carried).toEqual([passing]);
    expect(requests).toHaveLength(3);
  });

  it('are not made for what SQS refuses for good', async () => {
    const { carrier, requests } = makeCarrier([final]);

    expect(await carrier.carry([message('a')])).toEqual([final]);
    expect(requests).toHaveLength(1);
  });
});

describe('the time limit', () => {
  it('aborts a request, and lets another attempt follow', async () => {
    const { carrier, requests, aborted } = makeCarrier();

    const carried = carrier.carry([message('a')]);
    await clock.advance(2_999);
    expect(aborted).toEqual([]);
    await clock.advance(1);
    expect(aborted).toEqual([1]);
    await clock.advance(10_000);

    expect(requests).toHaveLength(3);
    expect(await carried).toMatchObject([
      { verdict: 'unavailable', error: { message: expect.stringContaining('TimeoutError') } },
    ]);
  });
});

describe('the breaker', () => {
  it('counts every attempt, and ends the retries when it opens', async () => {
    const { carrier, circuit, requests } = makeCarrier(...times(5, passing));

    const first = carrier.carry([message('a')]);
    await clock.advance(1_000);
    await first;
    const second = carrier.carry([message('b')]);
    await clock.advance(200);

    expect(await second).toEqual([passing]);
    expect([requests.length, circuit.state()]).toEqual([5, 'open']);
  });

  it('costs no request while it is open, and says when the next one is', async () => {
    const { carrier, requests } = makeCarrier(...times(5, passing));
    await openIt(carrier);

    const [outcome] = await carrier.carry([message('c')]);

    expect(requests).toHaveLength(5);
    expect(outcome).toMatchObject({
      kind: 'failed',
      verdict: 'unavailable',
      error: { retryable: true, message: expect.stringMatching(/not sent; the next try is in \d+ s/) },
    });
  });

  it('does not mind requests of which a part got through, nor refusals', async () => {
    const { carrier, circuit } = makeCarrier(
      ...Array.from({ length: 20 }, () => [passing, queued]),
      ...times(20, final),
    );

    for (let round = 0; round < 12; round++) {
      const carried = carrier.carry([message('a'), message('b')]);
      await clock.advance(0);
      void carried;
    }

    expect(circuit.state()).toBe('closed');
  });

  it('counts requests that are not answered', async () => {
    const { carrier, circuit } = makeCarrier();

    for (const id of ['a', 'b', 'c', 'd', 'e']) void carrier.carry([message(id)]);
    await clock.advance(3_000);

    expect(circuit.state()).toBe('open');
  });

  it('says that a message was in no request while another one probes, whatever comes of the probe', async () => {
    const { carrier, circuit, requests } = makeCarrier(...times(5, passing));
    await openIt(carrier);
    await clock.advance(60_000);

    const probing = carrier.carry([message('c')]);
    const [refused] = await carrier.carry([message('d')]);
    await clock.advance(3_000);

    expect(refused).toMatchObject({ kind: 'failed', untried: true });
    expect((await probing)[0]).not.toHaveProperty('untried');
    expect([requests.length, circuit.state()]).toEqual([6, 'open']);
  });

  it('closes with a probe that gets through', async () => {
    const { carrier, circuit, requests } = makeCarrier(...times(5, passing), [queued]);
    await openIt(carrier);
    await clock.advance(60_000);

    expect(await carrier.carry([message('c')])).toEqual([queued]);
    expect([requests.length, circuit.state()]).toEqual([6, 'closed']);
  });

  async function openIt(carrier: ReturnType<typeof makeCarrier>['carrier']) {
    for (const id of ['a', 'b']) {
      const carried = carrier.carry([message(id)]);
      await clock.advance(1_000);
      await carried;
    }
  }
});

describe('a bound of time', () => {
  it('ends the waiting with what is known by then, and aborts what is under way', async () => {
    const { carrier, requests, aborted } = makeCarrier();

    const carried = carrier.carry([message('a')], { withinMs: 250 });
    await clock.advance(250);

    expect(await carried).toMatchObject([
      { kind: 'failed', error: { message: expect.stringContaining('within 250 ms') } },
    ]);
    expect(aborted).toEqual([1]);
    await clock.advance(60_000);
    expect(requests).toHaveLength(1);
  });

  it('keeps the reason of an attempt that failed before', async () => {
    const { carrier, requests } = makeCarrier([queued, passing]);

    const carried = carrier.carry(['a', 'b'].map(message), { withinMs: 150 });
    await clock.advance(150);

    expect(await carried).toEqual([queued, passing]);
    await clock.advance(60_000);
    expect(requests).toHaveLength(1);
  });

  it('counts for the breaker', async () => {
    const { carrier, circuit } = makeCarrier();

    for (const id of ['a', 'b', 'c', 'd', 'e']) void carrier.carry([message(id)], { withinMs: 250 });
    await clock.advance(250);

    expect(circuit.state()).toBe('open');
  });
});
