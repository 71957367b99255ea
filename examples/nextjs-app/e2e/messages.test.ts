import { METRIC_DIMENSION, METRIC_NAMESPACE, type MetricName } from '@huntaze/rate-limiter-client/contract';
import { until } from '@huntaze/testkit';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityProblems, overflow } from './accessibility.fixture.ts';
import { send, signIn, startBrowser, takePicture, type Browser } from './browser.fixture.ts';
import { CRON_SECRET, limit, startWorld, windowMs, type World } from './world.fixture.ts';

const account = 'alice';
let world: World;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [world, browser] = await Promise.all([startWorld(), startBrowser()]);
  page = await browser.open(1_000, 900);
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const callsOf = (key: string) =>
  world.upstream.ledger.calls.filter((call) => call.key === key && call.accepted);
const recipients = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
const summary = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();

describe('the page', () => {
  it('shows nobody anything before they have signed in', async () => {
    await page.goto(world.app.url);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('delivers fifteen messages of an account: ten in the first window, five in the next', async () => {
    await signIn(page, world.app.url, account);

    await send(page, recipients(15, 'fan'), 'Hello!');
    await summary('10 delivered, 5 on the way');
    await page
      .getByText(/^Waiting, due at \d/)
      .nth(4)
      .waitFor();
    await takePicture(page, 'page-waiting');
    expect(await accessibilityProblems(page)).toEqual([]);
    await summary('15 delivered');
    await takePicture(page, 'page-delivered');

    const atMs = callsOf(account).map((call) => call.atMs);
    expect(atMs).toHaveLength(15);
    const [first = 0] = atMs;
    expect(atMs.filter((instantMs) => instantMs - first < windowMs)).toHaveLength(limit);
    expect(atMs.filter((instantMs) => instantMs - first < 2 * windowMs)).toHaveLength(15);
    expect(world.upstream.ledger.worstWindow(account)).toBe(limit);
    expect(world.upstream.ledger.duplicates()).toEqual([]);
  });

  it('keeps messages while SQS is gone, and delivers them when it is back', async () => {
    await world.stopSqs();
    await send(page, recipients(3, 'late'), 'Are you there?');
    await summary('15 delivered, 3 stored until the queue is back');
    await page.getByText('3 to be replayed').waitFor();
    await page.getByText('cannot be read').first().waitFor();
    await takePicture(page, 'page-outage');
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(callsOf(account)).toHaveLength(15);

    await world.startSqs();
    await until('an empty fallback store', replay, { timeoutMs: 30_000, everyMs: 500 });
    await summary('18 delivered');

    expect(callsOf(account)).toHaveLength(18);
    expect(world.upstream.ledger.duplicates()).toEqual([]);
  });

  it('is measured: what the app queued and stored, what the function delivered and held back', async () => {
    const { cloudWatch, lambda } = world;
    const metric = (name: MetricName) => ({
      namespace: METRIC_NAMESPACE,
      name,
      dimensions: { [METRIC_DIMENSION]: 'messages' },
    });
    cloudWatch.readLog(lambda.log);

    await until('the metrics of the app', () => cloudWatch.sum(metric('MessagesReplayed')) === 3, {
      timeoutMs: 20_000,
    });
    expect(cloudWatch.sum(metric('MessagesStored'))).toBe(3);
    expect(cloudWatch.sum(metric('MessagesQueued'))).toBe(15);
    // One more than the page sent: the warm-up.
    expect(cloudWatch.sum(metric('MessagesSent'))).toBe(19);
    expect(cloudWatch.samples(metric('QueueLatency'))).toBe(19);
    expect(cloudWatch.sum(metric('RateLimitedMessages'))).toBeGreaterThanOrEqual(5);
    expect(cloudWatch.sum(metric('MessagesFailed'))).toBe(0);
  });

  it('remembers its messages when it is loaded again', async () => {
    await page.reload();
    await summary('18 delivered');
    expect(await page.getByRole('listitem').count()).toBe(18);
  });

  it('fits a phone, in the dark too', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await takePicture(page, 'page-phone');
    expect(await overflow(page)).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('is used with the keyboard alone, and says aloud what changes', async () => {
    await page.reload();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the messages');
    for (const name of ['Sign out', 'Recipients', 'Message', 'Priority', 'Send']) {
      await page.keyboard.press('Tab');
      expect(await focused()).toBe(name);
      if (name === 'Recipients') await page.keyboard.type('by-hand');
      if (name === 'Message') await page.keyboard.type('Typed');
    }
    await page.keyboard.press('Enter');
    await summary('19 delivered');
    expect(await page.locator('[role=status]').count()).toBe(2);
  });

  it('says why a message was not taken, and sends it again under its id', async () => {
    const ids: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') ids.push(request.headers()['idempotency-key']);
    });
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await send(page, ['too-late'], 'Who am I?');
    await page.getByText('You are signed out').waitFor();

    await page.context().addCookies(cookies);
    await page.getByRole('button', { name: 'Send again to too-late' }).click();
    await summary('20 delivered');

    expect(ids).toEqual([ids[0], ids[0]]);
    expect(ids[0]).toBeTruthy();
    expect(callsOf(account)).toHaveLength(20);
  });
});

/** The name of what has the keyboard. */
function focused(): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null;
    return element?.labels?.[0]?.textContent ?? element?.textContent ?? '';
  });
}

/** Replays as a cron does. Whether nothing is left in the store. */
async function replay(): Promise<boolean> {
  const response = await fetch(`${world.app.url}/api/onlyfans/messages/replay`, {
    headers: { authorization: `Bearer ${CRON_SECRET}` },
  });
  const { remaining } = (await response.json()) as { remaining: number };
  return remaining === 0;
}
