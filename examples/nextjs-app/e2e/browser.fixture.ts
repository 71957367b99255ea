import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumArguments, chromiumPath } from '@huntaze/testkit';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { PASSWORD } from './app.fixture.ts';

/** A browser with an empty profile. */
export interface Browser {
  /** A tab of a size, in pixels. */
  open(width: number, height: number): Promise<Page>;
  close(): Promise<void>;
}

/** Starts Chromium. */
export async function startBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'huntaze-browser-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: await chromiumPath(),
    args: [...chromiumArguments],
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  return {
    open: async (width, height) => {
      const page = await context.newPage();
      await page.setViewportSize({ width, height });
      return page;
    },
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Signs in with the keyboard alone. */
export async function signIn(page: Page, url: string, account: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Account').focus();
  await page.keyboard.type(account);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Messages' }).waitFor();
}

/** Sends the same words to some recipients. */
export async function send(page: Page, recipients: readonly string[], content: string): Promise<void> {
  await page.getByLabel('Recipients').fill(recipients.join('\n'));
  await page.getByLabel('Message', { exact: true }).fill(content);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** Puts a picture of the page into the docs, when `PICTURES=1` asks for new ones. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (process.env['PICTURES'] !== '1') return;
  const path = fileURLToPath(new URL(`../../../docs/pictures/${name}.png`, import.meta.url));
  await page.screenshot({ path, fullPage: !name.endsWith('phone') });
}
