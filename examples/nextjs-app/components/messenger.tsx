'use client';
import { signOut } from 'next-auth/react';
import { isOpen } from '@/lib/sent-message.ts';
import { useMessages } from '@/lib/use-messages.ts';
import { useStatus } from '@/lib/use-status.ts';
import { MessageList } from './message-list.tsx';
import { SendForm } from './send-form.tsx';
import { SystemStatus } from './system-status.tsx';

/** The whole page of an account. */
export function Messenger({ account }: { readonly account: string }) {
  const { messages, send, retry, update } = useMessages(account);
  // The oldest first: they are the next to change.
  const openIds = messages
    .filter(isOpen)
    .map(({ id }) => id)
    .toReversed();
  const { status, reachable } = useStatus(openIds, update);

  return (
    <>
      <a className="skip" href="#messages">
        Skip to the messages
      </a>
      <header>
        <h1>Messages</h1>
        <p>
          {account}{' '}
          <button type="button" className="quiet" onClick={() => void signOut({ callbackUrl: '/sign-in' })}>
            Sign out
          </button>
        </p>
      </header>
      <main>
        <SendForm onSend={send} />
        <SystemStatus status={status} reachable={reachable} />
        <MessageList messages={messages} onRetry={retry} />
      </main>
    </>
  );
}
