'use client';
import { useEffect, useRef, useState } from 'react';
import type { Found } from './sent-message.ts';

/** A part of the status, or that it cannot be read. */
export type Part<Value> = Value | { readonly unavailable: true };

/** How things stand: what the status route answers. Null is what the client was not given. */
export interface Status {
  readonly queue: Part<Counts>;
  readonly deadLetters: Part<Counts> | null;
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly fallback: Part<{ readonly pending: number; readonly dead: number }> | null;
  readonly rolloutPercent: Part<number>;
  readonly enabled: Part<boolean>;
  readonly messages?: Readonly<Record<string, Found>>;
}

interface Counts {
  readonly waiting: number;
  readonly hidden: number;
  readonly delayed: number;
}

const EVERY_MS = 1_000;
const AFTER_A_FAILURE_MS = 5_000;

/** How many ids one request may ask about. */
const MOST_IDS = 50;

/** Asks for the status again and again while the page is seen. `undefined` until the first answer. */
export function useStatus(
  openIds: readonly string[],
  onFound: (found: NonNullable<Status['messages']>) => void,
) {
  const [status, setStatus] = useState<Status>();
  const [reachable, setReachable] = useState(true);
  const latest = useRef({ openIds, onFound });
  useEffect(() => {
    latest.current = { openIds, onFound };
  });

  useEffect(() => {
    const stopped = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      const answer = document.hidden ? undefined : await readStatus(latest.current.openIds, stopped.signal);
      if (stopped.signal.aborted) return;
      if (answer) {
        setStatus(answer);
        latest.current.onFound(answer.messages ?? {});
      }
      if (!document.hidden) setReachable(answer !== undefined);
      timer = setTimeout(() => void ask(), answer || document.hidden ? EVERY_MS : AFTER_A_FAILURE_MS);
    };
    void ask();
    return () => {
      stopped.abort();
      clearTimeout(timer);
    };
  }, []);
  return { status, reachable };
}

async function readStatus(ids: readonly string[], signal: AbortSignal): Promise<Status | undefined> {
  const query = new URLSearchParams(ids.slice(0, MOST_IDS).map((id) => ['messageId', id]));
  try {
    const response = await fetch(`/api/onlyfans/messages/status?${query}`, { signal });
    return response.ok ? ((await response.json()) as Status) : undefined;
  } catch {
    return undefined;
  }
}
