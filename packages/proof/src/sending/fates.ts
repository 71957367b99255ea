import { sqsFaults, type PassingRequest, type SqsFault } from '@huntaze/testkit';

/** Share of the requests that a fault strikes outside of the outage. */
const FAULTY = 0.25;

/** From which request to which one SQS is away altogether: long enough for the breakers of all processes. */
const OUTAGE = { from: 200, to: 240 };

/** Decides over requests by their number and a seed: each fault gets its share, and in the middle SQS is away. */
export function fates(seed: number): (request: PassingRequest) => SqsFault | undefined {
  return ({ number }) => {
    if (number >= OUTAGE.from && number < OUTAGE.to) return number % 2 === 0 ? 'server error' : 'reset';
    const chance = chanceOf(seed, number);
    return chance < FAULTY ? sqsFaults[Math.floor((chance / FAULTY) * sqsFaults.length)] : undefined;
  };
}

/** A number in [0, 1) that depends on seed and number alone (mulberry32, a public-domain generator). */
function chanceOf(seed: number, number: number): number {
  let state = (seed + Math.imul(number, 0x6d2b79f5)) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
