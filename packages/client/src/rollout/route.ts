import type { Followed } from './setting.ts';
import { shareOf } from './share.ts';

/** Which way a message goes. */
export type Route = 'queue' | 'bypass';

/** Decides by flag and percentage. The same key gets the same answer while neither changes. */
export function router(
  enabled: Followed<boolean>,
  rolloutPercent: Followed<number>,
): (key: string) => Promise<Route> {
  return async (key) => {
    if (!(await enabled.current())) return 'bypass';
    const percent = await rolloutPercent.current();
    return percent >= 100 || shareOf(key) < percent ? 'queue' : 'bypass';
  };
}
