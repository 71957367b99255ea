import type { SentMessage, Standing } from './sent-message.ts';

/** Sends a message. The id goes along, so that sending it again is the same message. */
export async function sendMessage({ id, recipientId, content, priority }: SentMessage): Promise<Standing> {
  try {
    const response = await fetch('/api/onlyfans/messages/send', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({ payload: { recipientId, content }, priority }),
    });
    const answer = (await response.json()) as Answer;
    if (response.ok) return { state: answer.outcome ?? 'queued' };
    if (response.status === 401) return { state: 'refused', problem: 'You are signed out: sign in again.' };
    return { state: 'refused', problem: problemOf(answer) };
  } catch {
    return { state: 'refused', problem: 'The server could not be reached.' };
  }
}

interface Answer {
  readonly outcome?: 'queued' | 'stored' | 'bypassed';
  readonly detail?: string;
  readonly problems?: readonly { readonly path: string; readonly message: string }[];
}

function problemOf({ detail, problems = [] }: Answer): string {
  const places = problems.map(({ path, message }) => `${path || 'message'}: ${message}`);
  return places.join('; ') || (detail ?? 'The message was not taken.');
}
