import { describe } from 'vitest';
import { describeAging } from './aging.ts';
import { describeChangingLimits } from './changing-limits.ts';
import { describeClaims } from './claims.ts';
import { describeClock } from './clock.ts';
import { describeCosts } from './costs.ts';
import { describeForgotten } from './forgotten.ts';
import { describeIdentity } from './identity.ts';
import { describeLine } from './wait-queue.ts';
import { describeOperations } from './operators.ts';
import type { LimiterUnderTest } from './scene.ts';
import { describeSubBuckets } from './sub-buckets.ts';
import { describeVerdicts } from './verdicts.ts';
import { describeWindowsAndBuckets } from './windows-and-buckets.ts';

/** What every limiter must do. Time stands still unless a test moves it, so every number is exact. */
export function describeLimiterContract(name: string, under: LimiterUnderTest): void {
  describe(`${name} limiter`, () => {
    describeWindowsAndBuckets(under);
    describeSubBuckets(under);
    describeChangingLimits(under);
    describeLine(under);
    describeAging(under);
    describeCosts(under);
    describeClaims(under);
    describeVerdicts(under);
    describeForgotten(under);
    describeIdentity(under);
    describeOperations(under);
    describeClock(under);
  });
}
