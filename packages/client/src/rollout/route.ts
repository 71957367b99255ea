import { andThen, type MaybePromise } from '@huntaze/kit';
import type { Followed } from './setting.ts';
import { shareOf } from './share.ts';

/** Which way a message goes. */
export type Route = 'queue' | 'bypass';

/** Decides by flag and percentage. The same key gets the same answer while neither changes. */
export function router(
  enabled: Followed<boolean>,
  rolloutPercent: Followed<number>,
): (key: string) => MaybePromise<Route> {
  return (key) =>
    andThen(enabled.current(), (isEnabled) => {
      if (!isEnabled) return 'bypass';
      return andThen(rolloutPercent.current(), (percent) =>
        percent >= 100 || shareOf(key) < percent ? 'queue' : 'bypass',
      );
    });
}
