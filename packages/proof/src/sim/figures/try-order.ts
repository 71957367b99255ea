import { storedLimiter } from '@huntaze/rate-limiter-lambda/stored';
import { memoryLimiter } from '@huntaze/rate-limiter-lambda';
import { mapStore } from '../../../../lambda/src/limiter/stored/map-store.fixture.ts';
import { simulatePacing } from './pacing.ts';
import { mixed, tenPerMinute } from './pacing-table.ts';
const N = 1000; const rankOf: any = { high: 0, medium: 1, low: 2 };
for (const kind of ['memory', 'stored']) {
  const waiting = new Map<string, any>(); let seen = 0; let t0: number | undefined; let odd = 0; const hist: Record<string, number> = {};
  const r = await simulatePacing({ seed: 1, messages: N, mix: mixed, ...tenPerMinute, home: { order: 'about', open: (options: any) => {
    const l = kind === 'memory' ? memoryLimiter(options) : storedLimiter({ store: mapStore(), coldStart: 'full', clockSkewMs: 0, ...options });
    return { ...l, async admit(q: any) { const now = options.clock.nowMs(); t0 ??= now;
      for (const c of q.candidates) if (!waiting.has(c.id)) waiting.set(c.id, { n: seen++, rank: rankOf[c.priority], due: 0 });
      const a = await l.admit(q);
      a.forEach((x: any, i: number) => { const id = q.candidates[i].id; const me = waiting.get(id);
        const ahead = [...waiting.values()].filter((o) => !o.gone && (o.rank < me.rank || (o.rank === me.rank && o.n < me.n)));
        if (x.kind === 'granted') { me.gone = true;
          const higher = ahead.filter((o) => o.rank < me.rank).length;
          if (ahead.length > 12) { odd++; if (odd < 25) console.log(kind, ((now - t0!) / 1000).toFixed(1), id, 'rank', me.rank, 'ahead', ahead.length, 'higher', higher, 'due', ((me.due - t0!) / 1000).toFixed(1), 'told pos', me.pos, 'trueahead at told', me.ahead); }
        } else if (x.kind === 'wait') { const e = x.position - ahead.length; const b = Math.abs(e) < 3 ? 'ok' : e < -30 ? '<<' : e < 0 ? '<' : e > 30 ? '>>' : '>'; hist[b] = (hist[b] ?? 0) + 1; me.due = x.dueAtMs; me.pos = x.position; me.ahead = ahead.length; } });
      return a; } };
  } } as any });
  console.log(kind, r.receivesPerMessage, r.lastOverIdeal, 'odd grants', odd, hist);
}
