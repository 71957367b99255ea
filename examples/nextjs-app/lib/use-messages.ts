'use client';
import { useCallback, useEffect, useState } from 'react';
import { sendMessage } from './send-message.ts';
import { follow, isOpen, type Found, type SentMessage } from './sent-message.ts';

/** A message that was written and has no id yet. */
export type Draft = Pick<SentMessage, 'recipientId' | 'content' | 'priority'>;

/** What the page does with the messages of this browser. */
export interface Messages {
  readonly messages: readonly SentMessage[];
  send(drafts: readonly Draft[]): void;
  /** Sends a message that was refused once more, under the same id. */
  retry(message: SentMessage): void;
  /** Takes over what the status route says. */
  update(found: Readonly<Record<string, Found>>): void;
}

/** Remembers the messages of an account for as long as the tab is open. */
export function useMessages(account: string): Messages {
  const [messages, setMessages] = useState<readonly SentMessage[]>([]);
  const [restored, setRestored] = useState(false);
  const place = `messages of ${account}`;

  useEffect(() => {
    const kept = JSON.parse(sessionStorage.getItem(place) ?? '[]') as SentMessage[];
    setMessages((now) => [...now, ...kept]);
    setRestored(true);
  }, [place]);
  useEffect(() => {
    if (restored) sessionStorage.setItem(place, JSON.stringify(messages));
  }, [place, messages, restored]);

  const deliver = useCallback(async (message: SentMessage) => {
    const standing = await sendMessage(message);
    setMessages((now) => now.map((one) => (one.id === message.id ? { ...one, standing } : one)));
  }, []);
  const send = useCallback(
    (drafts: readonly Draft[]) => {
      const fresh = drafts.map((draft) => ({
        ...draft,
        id: crypto.randomUUID(),
        standing: { state: 'sending' as const },
      }));
      setMessages((now) => [...fresh.toReversed(), ...now]);
      for (const message of fresh) void deliver(message);
    },
    [deliver],
  );
  const retry = useCallback(
    (message: SentMessage) => {
      const again = { ...message, standing: { state: 'sending' as const } };
      setMessages((now) => now.map((one) => (one.id === message.id ? again : one)));
      void deliver(again);
    },
    [deliver],
  );
  const update = useCallback((found: Readonly<Record<string, Found>>) => {
    setMessages((now) => now.map((one) => (isOpen(one) ? follow(one, found[one.id]) : one)));
  }, []);
  return { messages, send, retry, update };
}
