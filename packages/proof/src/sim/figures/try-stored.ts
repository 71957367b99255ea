import { storedLimiter } from '@huntaze/rate-limiter-lambda/stored';
import { mapStore } from '../../../../lambda/src/limiter/stored/map-store.fixture.ts';
import { simulatePacing } from './pacing.ts';
import { mixed, tenPerMinute } from './pacing-table.ts';

for (const [messages, mix] of (process.argv[3]
  ? [
      [10000, undefined],
      [10000, mixed],
    ]
  : [
      [1000, undefined],
      [1000, mixed],
    ]) as const)
  for (const kind of ['stored']) {
    let sum = 0,
      most = 0,
      writes = 0,
      recs = 0,
      units = 0;
    const stores = [] as any[];
    const r = await simulatePacing({
      seed: Number(process.argv[2] ?? 1),
      messages: messages as number,
      ...tenPerMinute,
      ...((mix as any) && { mix }),
      ...(kind === 'stored' && {
        home: {
          order: 'about',
          open: (options: any) => {
            const store = mapStore();
            const write = store.write;
            store.write = (key, change) => {
              writes++;
              sum += change.state.length;
              recs += change.records.length;
              most = Math.max(most, change.state.length);
              units +=
                Math.ceil((change.state.length + 100) / 1024) +
                change.records.reduce((n, { text }) => n + Math.ceil((text.length + 100) / 1024), 0);
              return write(key, change);
            };
            return storedLimiter({
              store,
              coldStart: 'full',
              clockSkewMs: Number(process.env.SKEW ?? 0),
              ...options,
            });
          },
        },
      }),
    });
    console.log(
      messages,
      mix ? 'mixed' : 'one',
      kind,
      {
        d: r.delivered,
        most: r.mostInWindow,
        rec: r.receivesPerMessage.toFixed(2),
        mostRec: r.mostReceives,
        last: r.lastOverIdeal.toFixed(4),
        high: r.highMedian?.overIdeal.toFixed(2),
        steps: r.steps,
      },
      kind === 'stored'
        ? {
            state: most,
            mean: sum / writes,
            writes: writes / messages,
            recs: recs / messages,
            units: units / messages,
          }
        : '',
    );
  }
