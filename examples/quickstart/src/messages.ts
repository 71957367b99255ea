import type { Priority } from '@huntaze/rate-limiter-client';

const priorityOf: Readonly<Record<string, Priority>> = { H: 'high', M: 'medium', L: 'low' };

/** Twelve messages of alice, who may send ten per window, and three of bob, who must not wait for her. */
export const messages = [...messagesOf('alice', 'MLHMLHMLHMLH'), ...messagesOf('bob', 'LMH')];

export type DemoMessage = (typeof messages)[number];

function messagesOf(account: string, priorities: string) {
  return Array.from(priorities, (letter, index) => ({
    key: account,
    id: `${account}-${index + 1}`,
    priority: priorityOf[letter] ?? 'medium',
    payload: { recipientId: `fan-${index + 1}`, content: `Hello number ${index + 1} 👋` },
  }));
}
