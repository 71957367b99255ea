import { setTimeout as pause } from 'node:timers/promises';
import { worstWindow } from '@huntaze/testkit';
import type { Redis } from 'ioredis';
import { table } from '../report/table.ts';
import { removeKeys } from '../throughput/remove-keys.ts';
import { LIMIT, WINDOW_MS, type GateKeeper } from './contender.ts';
import { gateKeepers } from './gates.ts';

const FLOOD = 60;
const WATCHED_MS = 4 * WINDOW_MS;

/** Drives every limiter in the way that shows its worst window, and describes the result in Markdown. */
export async function compareWindows(redis: Redis, prefix: string): Promise<string> {
  const rows: string[][] = [];
  for (const [index, keeper] of gateKeepers(redis).entries()) {
    const instantsMs = await besiege(keeper, `${prefix}:${index}`);
    rows.push([keeper.name, String(worstWindow(instantsMs, WINDOW_MS)), String(instantsMs.length)]);
    await removeKeys(redis, `*${prefix}:${index}*`);
  }
  return [
    `Most calls in any ${WINDOW_MS} ms, ${LIMIT} allowed, all on the same Redis. One call; silence for 0.9 windows;`,
    `then ${FLOOD} calls at once that go as soon as they are let through, watched for ${WATCHED_MS / 1_000} s.`,
    '',
    table(['limiter', 'worst window', 'calls in all'], rows),
  ].join('\n');
}

/** When calls went through. The call that opens a window and a burst at its end show what the next window adds. */
async function besiege(keeper: GateKeeper, prefix: string): Promise<readonly number[]> {
  const gate = await keeper.open(prefix);
  const instantsMs: number[] = [];
  const call = () => void instantsMs.push(performance.now());
  gate.submit('first', call);
  await pause(0.9 * WINDOW_MS);
  for (let index = 0; index < FLOOD; index++) gate.submit(`flood-${index}`, call);
  await pause(WATCHED_MS - 0.9 * WINDOW_MS);
  await gate.stop();
  return instantsMs;
}
