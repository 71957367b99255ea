import { flag, problemOf, within } from '@huntaze/kit/checks';
import type { Logger } from './contract/index.ts';
import type { MaybePromise } from '@huntaze/kit';
import type { ResolvedOptions } from './resolve-options.ts';
import { router, type Route } from './rollout/route.ts';
import { follow, type Followed } from './rollout/setting.ts';

/** Flag and rollout of a client. */
export interface Routing {
  readonly enabled: Followed<boolean>;
  readonly rolloutPercent: Followed<number>;
  route(key: string): MaybePromise<Route>;
}

/** Composes flag and rollout, once for a client. What is unknown means the queue: there no message is lost. */
export function openRouting(options: ResolvedOptions, logger: Logger): Routing {
  const { clock } = options;
  const parts = (setting: string) => ({
    clock,
    onProblem: (problem: string) =>
      logger.warn({ setting, problem }, 'a setting could not be read: what held before holds on'),
  });
  const enabled = follow(options.enabled, {
    ...parts('enabled'),
    unknown: true,
    problemOf: (answer) => problemOf(flag, answer),
  });
  const rolloutPercent = follow(options.rolloutPercent, {
    ...parts('rolloutPercent'),
    unknown: 100,
    problemOf: (answer) => problemOf(within(0, 100), answer),
  });
  return { enabled, rolloutPercent, route: router(enabled, rolloutPercent) };
}
