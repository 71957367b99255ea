import { storedLimiter } from '@huntaze/rate-limiter-lambda/stored';
import { memoryLimiter } from '@huntaze/rate-limiter-lambda';
import { mapStore } from '../../../../lambda/src/limiter/stored/map-store.fixture.ts';
import { simulatePacing } from './pacing.ts';
import { mixed, tenPerMinute } from './pacing-table.ts';
const N = 1000;
for (const kind of ['memory', 'stored']) {
  const log = new Map<string, string[]>();
  const waiting = new Set<string>();
  let n = 0;
  let t0: number | undefined;
  const r = await simulatePacing({
    seed: 1,
    messages: N,
    ...tenPerMinute,
    home: {
      order: 'about',
      open: (options: any) => {
        const l =
          kind === 'memory'
            ? memoryLimiter(options)
            : storedLimiter({ store: mapStore(), coldStart: 'full', clockSkewMs: 0, ...options });
        return {
          ...l,
          async admit(q: any) {
            const now = options.clock.nowMs();
            t0 ??= now;
            (globalThis as any).DBG = q.candidates.some((c: any) => c.id === 'm-61') && kind === 'stored';
            if ((globalThis as any).DBG) console.log('at', now - t0!);
            const a = await l.admit(q);
            (globalThis as any).DBG = false;
            a.forEach((x: any, i: number) => {
              if (x.kind === 'wait') waiting.add(q.candidates[i].id);
              else waiting.delete(q.candidates[i].id);
              const id = q.candidates[i].id;
              const L = log.get(id) ?? [];
              L.push(
                `${((now - t0!) / 1000).toFixed(1)}:${x.kind[0]}${x.kind === 'wait' ? `${x.position}>${((x.dueAtMs - t0!) / 1000).toFixed(1)}` : ''}`,
              );
              log.set(id, L);
            });
            if (kind === 'stored' && n++ % 200 === 0) {
              const { waiting: w } = await l.inspect(q.key, { queueUrl: q.queue });
              console.log(((now - t0!) / 1000).toFixed(1), 'true', waiting.size, 'told', w);
            }
            return a;
          },
        };
      },
    } as any,
  });
  console.log(kind, r.receivesPerMessage, r.lastOverIdeal);
  for (const i of [15, 61, 150, 250, 400, 500, 610, 750, 800, 900, 950])
    console.log(' m-' + i, (log.get('m-' + i) ?? []).join('  '));
}
