import { perMinute, slidingWindow, type Limit } from '@huntaze/rate-limiter-lambda';

/** What is done with an account before it is looked at. */
export interface HeldAccount {
  readonly name: string;
  readonly limits: readonly Limit[];
  readonly delivered: number;
  readonly waiting: number;
  /** How many places each message takes. Default 1. */
  readonly cost?: number;
}

const MANY = 10_000;
const WINDOW_MS = 600_000;

/** The accounts whose sizes are stated. */
export const accounts: readonly HeldAccount[] = [
  { name: '10 per minute, ten delivered', limits: perMinute(10), delivered: 10, waiting: 0 },
  { name: '10 per minute, 10,000 wait', limits: perMinute(10), delivered: 10, waiting: MANY },
  {
    name: '10,000 per window, all delivered and remembered',
    limits: [slidingWindow({ limit: MANY, windowMs: WINDOW_MS })],
    delivered: MANY,
    waiting: 0,
  },
  {
    name: 'the same, window of sub-buckets',
    limits: [slidingWindow({ limit: 10 * MANY, windowMs: WINDOW_MS })],
    delivered: MANY,
    waiting: 0,
  },
  {
    name: '1,000 per minute, 100 wait that cost 1,000 each',
    limits: perMinute(1_000),
    delivered: 1,
    waiting: 100,
    cost: 1_000,
  },
];
