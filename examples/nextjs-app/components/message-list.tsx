import type { SentMessage, Standing } from '@/lib/sent-message.ts';

/** The messages of this browser, newest first, and where each stands. */
export function MessageList({
  messages,
  onRetry,
}: {
  readonly messages: readonly SentMessage[];
  readonly onRetry: (message: SentMessage) => void;
}) {
  return (
    <section aria-labelledby="messages">
      <h2 id="messages" tabIndex={-1}>
        Sent
      </h2>
      <p role="status">{summary(messages)}</p>
      <ul className="messages">
        {messages.map((message) => (
          <li key={message.id} data-state={message.standing.state}>
            <span className="recipient">{message.recipientId}</span>
            <span className="content">{message.content}</span>
            <span className="standing">{words(message.standing)}</span>
            {message.standing.state === 'refused' && (
              <button type="button" className="quiet" onClick={() => onRetry(message)}>
                Send again<span className="unseen"> to {message.recipientId}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Short enough to be read out whenever it changes. */
function summary(messages: readonly SentMessage[]): string {
  if (messages.length === 0) return 'Nothing sent yet.';
  const count = (...states: Standing['state'][]) =>
    messages.filter(({ standing }) => states.includes(standing.state)).length;
  const parts = [
    [count('delivered', 'bypassed'), 'delivered'],
    [count('sending', 'queued', 'waiting', 'delivering', 'retrying'), 'on the way'],
    [count('stored'), 'stored until the queue is back'],
    [count('condemned', 'dead', 'refused'), 'failed'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number} ${what}`)
    .join(', ');
}

function words(standing: Standing): string {
  switch (standing.state) {
    case 'sending':
      return 'Sending';
    case 'queued':
      return 'Queued';
    case 'stored':
      return 'Stored until the queue is back';
    case 'bypassed':
      return 'Sent directly';
    case 'waiting':
      return `Waiting, due at ${time(standing.dueAtMs)}`;
    case 'delivering':
      return 'Being delivered';
    case 'retrying':
      return `Failed, tried again at ${time(standing.retryAtMs)}`;
    case 'delivered':
      return 'Delivered';
    case 'condemned':
    case 'dead':
      return 'Failed for good';
    case 'refused':
      return `Not sent. ${standing.problem}`;
  }
}

const time = (instantMs: number) => new Date(instantMs).toLocaleTimeString();
