import type { Wanted } from '../program/plan.ts';

/** The browser that tests drive. */
export const chromium: Wanted = {
  programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  title: 'Chromium',
  packages: { 'apt-get': 'chromium', apk: 'chromium', dnf: 'chromium', brew: 'chromium' },
  otherwise: 'set CHROMIUM_PATH to one',
};
