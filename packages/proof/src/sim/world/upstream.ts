import { PermanentError, RetryAfterError, type Deliver } from '@huntaze/rate-limiter-lambda';
import type { Message } from '@huntaze/rate-limiter-client/contract';
import type { Call, Heard } from '../parts/call.ts';
import type { Host } from '../parts/host.ts';
import { identify } from '../parts/identity.ts';
import type { World } from './world.ts';

/** What the upstream answers to one call, and when. */
interface Reply {
  readonly thereMs: number;
  readonly backMs: number;
  readonly kind: 'accepted' | 'silence' | 'error' | 'refused' | 'lost';
  readonly retryAfterMs: number;
}

/** Hears of every call as it arrives. `atMs` counts from the start of the run. */
export type OnArrival = (arrival: { readonly message: Message<unknown>; readonly atMs: number }) => void;

/** The host's `deliver`: some work in the process, then a call that travels, arrives, and is answered. */
export function deliverFrom(world: World, host: Host, onArrival: OnArrival): Deliver<unknown> {
  const { time, faults, judge, trace } = world;
  const random = world.random.fork();
  const freezeMs = () =>
    random.between(0.2, 2) * Math.max(world.scenario.leaseMs, world.scenario.visibilityMs);
  return async (message, { signal, attempt }) => {
    const identity = identify(message.key, message, host.queue);
    const claim = host.claims.get(identity);
    // A claim is good for one call.
    host.claims.delete(identity);
    const call: Call = claim
      ? { host, key: message.key, identity, claim }
      : judge.alone.call(host, message, attempt);
    judge.delivering(call, attempt);
    trace.note('deliver', host.name, identity, attempt);
    if (faults.strikes('crash-before-arrival')) host.kill();
    if (faults.strikes('freeze-before-arrival')) host.freeze(freezeMs());
    await host.clock.sleep(random.between(0, 30), signal);
    if (signal.aborted) {
      judge.replied(call, { kind: 'failed' });
      throw signal.reason as Error;
    }
    const deaf = faults.strikes('deaf-delivery');
    const reply = drawReply(world, random);
    const stalledMs = Math.max(0, world.upstream.stalledUntilMs - time.clock.monotonicMs());
    await new Promise<void>((resolve, reject) => {
      if (!host.alive) return;
      let cutOff = false;
      const abort = () => {
        cutOff = true;
        judge.excuse(call);
        if (deaf) return;
        judge.replied(call, { kind: 'failed' });
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      time.after(stalledMs + reply.thereMs, () => {
        // A connection that was closed carries nothing any more, but what a process sent at the moment it
        // thawed, before it noticed how late it is, is on its way.
        const late = judge.leaseIsOver(call);
        if (cutOff && !(late && host.wasFrozen)) return;
        if (late && !host.alive) return;
        onArrival({ message, atMs: time.clock.monotonicMs() });
        arrive(world, call, reply);
        if (faults.strikes('crash-after-arrival')) host.kill();
        if (faults.strikes('freeze-after-arrival')) host.freeze(freezeMs());
        time.after(reply.backMs, () =>
          host.enter(() => {
            signal.removeEventListener('abort', abort);
            if (!cutOff) judge.heard(call, heardOf(reply));
            if (reply.kind === 'accepted') resolve();
            else reject(errorOf(reply));
          }),
        );
      });
    });
  };
}

function arrive({ judge, trace }: World, call: Call, { kind }: Reply): void {
  trace.note('arrive', call.host.name, call.identity, kind);
  judge.arrived(call, kind === 'accepted' || kind === 'lost');
  if (kind === 'lost') judge.mislead(call);
}

function drawReply({ faults, scenario, upstream }: World, random: World['random']): Reply {
  const { deliveryMs, leaseMs, longestHoldMs } = scenario;
  const slowMs = faults.strikes('slow-delivery') ? random.between(0, 0.4 * leaseMs) : 0;
  const outlastsMs = faults.strikes('delivery-outlasts-lease') ? random.between(0.5, 3) * leaseMs : 0;
  const share = random.next();
  return {
    thereMs: random.between(1, deliveryMs / 2) + slowMs * share + random.between(0, upstream.slowMs),
    backMs: random.between(1, deliveryMs / 2) + slowMs * (1 - share) + outlastsMs,
    kind: drawKind(faults),
    retryAfterMs: Math.round(random.between(0, longestHoldMs)),
  };
}

function drawKind(faults: World['faults']): Reply['kind'] {
  if (faults.strikes('upstream-429')) return 'silence';
  if (faults.strikes('upstream-5xx')) return 'error';
  if (faults.strikes('upstream-refuses')) return 'refused';
  return faults.strikes('upstream-reply-lost') ? 'lost' : 'accepted';
}

function heardOf({ kind, retryAfterMs }: Reply): Heard {
  if (kind === 'silence') return { kind, holdMs: retryAfterMs };
  return { kind: kind === 'accepted' ? kind : 'failed' };
}

function errorOf({ kind, retryAfterMs }: Reply): Error {
  switch (kind) {
    case 'silence':
      return new RetryAfterError({ retryAfterMs });
    case 'refused':
      return new PermanentError('refused');
    default:
      return new Error('bad gateway');
  }
}
