import { createHash } from 'node:crypto';
import { andThen, type MaybePromise } from '@huntaze/kit';
import { flag, problemOf, within } from '@huntaze/kit/checks';
import type { Clock, Logger } from '../contract/index.ts';
import { watchSetting, type Setting } from './setting.ts';

/** Which way a message goes. */
export type Route = 'queue' | 'bypass';

/** Flag and percentage of a client. */
export type Rollout = ReturnType<typeof openRollout>;

interface RolloutOptions {
  readonly enabled: Setting<boolean>;
  readonly rolloutPercent: Setting<number>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Watches flag and percentage. While one is unknown, messages go to the queue, where none is lost. */
export function openRollout({ clock, logger, ...settings }: RolloutOptions) {
  const parts = (setting: string) => ({
    clock,
    onProblem: (problem: string) =>
      logger.warn({ setting, problem }, 'a setting could not be read: what held before holds on'),
  });
  const enabled = watchSetting(settings.enabled, {
    ...parts('enabled'),
    unknown: true,
    problemOf: (answer) => problemOf(flag, answer),
  });
  const rolloutPercent = watchSetting(settings.rolloutPercent, {
    ...parts('rolloutPercent'),
    unknown: 100,
    problemOf: (answer) => problemOf(within(0, 100), answer),
  });
  const byPercent = (key: string) =>
    andThen(rolloutPercent.current(), (percent) =>
      percent >= 100 || shareOf(key) < percent ? 'queue' : 'bypass',
    );
  return {
    enabled,
    rolloutPercent,
    /** Decides by flag and percentage. The same key gets the same answer while neither changes. Never rejects. */
    route: (key: string) =>
      andThen(enabled.current(), (isEnabled): MaybePromise<Route> => (isEnabled ? byPercent(key) : 'bypass')),
  };
}

/**
 * A number from 0 to 100 for a key: the same in every process and version. Keys spread evenly. A key is in a rollout when its number is below the percentage, so raising the percentage only adds keys.
 */
export function shareOf(key: string): number {
  const digest = createHash('sha256').update(key).digest();
  return (digest.readUInt32BE(0) / 2 ** 32) * 100;
}
