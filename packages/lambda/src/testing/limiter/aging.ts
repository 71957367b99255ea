import { describe, expect, it } from 'vitest';
import { high, kinds, low, medium, onePerSecond, scene, type LimiterUnderTest } from './scene.ts';

const question = { limits: onePerSecond, agingMs: 10_000 };

/** How long a message of a low priority waits at most. */
export function describeAging(under: LimiterUnderTest): void {
  describe('aging', () => {
    it('lets whoever waited for its worth go before a later message of the next priority', async () => {
      const { clock, send, wait } = scene(under);
      await send(['first'], question);
      await send([low('l')], question);
      await clock.advance(9_999);
      await send(['taker'], question);
      expect(await send([medium('before-its-worth')], question)).toEqual([wait(10_999, 0)]);
      await clock.advance(2);
      expect(await send([medium('after-it')], question)).toEqual([wait(12_999, 2)]);
    });

    it('is worth twice as much over two priorities', async () => {
      const { clock, admit, wait } = scene(under);
      await admit(['first'], question);
      await admit([low('l')], question);
      await clock.advance(19_990);
      expect(await admit([high('h-1')], question)).toEqual([wait(20_990, 0)]);
      await clock.advance(20);
      expect(await admit([high('h-2')], question)).toEqual([wait(23_010, 2)]);
    });

    it('keeps priority strict until then', async () => {
      const { clock, send } = scene(under);
      await send(['first', low('l')], question);
      await send([high('h')], question);
      await clock.advance(1_000);
      expect(kinds(await send([low('l')], question))).toEqual(['wait']);
      expect(kinds(await send([high('h')], question))).toEqual(['granted']);
    });

    it('shows in the position that operators see', async () => {
      const { clock, admit, limiter } = scene(under);
      await admit(['first', low('l')], question);
      await clock.advance(10_001);
      await admit([medium('m-1')], question);
      await admit([medium('m-2')], question);
      expect(await limiter.find('account-1', 'l')).toMatchObject({ position: 0 });
      expect(await limiter.find('account-1', 'm-2')).toMatchObject({ position: 2 });
    });
  });
}
