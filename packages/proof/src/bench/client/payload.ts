/** What is sent: a message of everyday size, about 300 bytes in its envelope. */
export const payload = { recipientId: 'fan-1', content: 'Thank you for your support! '.repeat(4) };

/** So many messages of a hundred accounts. */
export const messagesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    key: `account-${index % 100}`,
    id: `message-${index}`,
    payload,
  }));

/** The same as a host without the client would write it: the body that the handler reads. */
export const bodyOf = ({ key, id }: { readonly key: string; readonly id: string }) =>
  JSON.stringify({ v: 1, id, key, priority: 'medium', enqueuedAtMs: Date.now(), payload });
