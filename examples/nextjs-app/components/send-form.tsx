'use client';
import type { SubmitEvent } from 'react';
import type { Draft } from '@/lib/use-messages.ts';

/** Writes a message to one or many. */
export function SendForm({ onSend }: { readonly onSend: (drafts: readonly Draft[]) => void }) {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const field = (name: string) =>
      event.currentTarget.elements.namedItem(name) as HTMLTextAreaElement | HTMLSelectElement;
    const recipients = field('recipients').value.split(/[\s,]+/);
    const content = field('content').value.trim();
    const priority = field('priority').value as Draft['priority'];
    const drafts = recipients
      .filter((recipientId) => recipientId !== '')
      .map((recipientId) => ({ recipientId, content, priority }));
    onSend(drafts);
    field('recipients').value = '';
    field('content').value = '';
    field('recipients').focus();
  };

  return (
    <section aria-labelledby="send-heading">
      <h2 id="send-heading">Send</h2>
      <form onSubmit={submit}>
        <label htmlFor="recipients">Recipients</label>
        <textarea id="recipients" name="recipients" rows={2} required aria-describedby="recipients-hint" />
        <p id="recipients-hint" className="hint">
          One per line. Each gets a message of its own.
        </p>
        <label htmlFor="content">Message</label>
        <textarea id="content" name="content" rows={3} required maxLength={10_000} />
        <label htmlFor="priority">Priority</label>
        <select id="priority" name="priority" defaultValue="medium">
          <option value="high">High</option>
          <option value="medium">Medium</option>
          <option value="low">Low</option>
        </select>
        <button type="submit">Send</button>
      </form>
    </section>
  );
}
