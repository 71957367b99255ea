/** What names a message within its queue. */
export interface Named {
  readonly id: string;
  /** From 2 on for a dead letter that was moved back, where the handler tells its lives apart. */
  readonly life?: number | undefined;
}

/** What names a message among all of its key: ids of two queues, or of two lives, are never one. */
export function labelOf({ id, life = 1 }: Named, queue: string): string {
  return `${id}${life > 1 ? ` life-${life}` : ''}${queue === FIRST_QUEUE ? '' : ` of-${queue}`}`;
}

/** What names a message among all. Begins with its key and its id, with blanks between. */
export function identify(key: string, named: Named, queue: string): string {
  return `${key} ${labelOf(named, queue)}`;
}

/** The queue that every world has. */
export const FIRST_QUEUE = 'messages';

/** What a body of this queue stands for: its message, or the body itself when it carries none. */
export function identityOf(body: string, queue: string): string {
  const read = readBody(body);
  return read ? identify(read.key, read, queue) : body;
}

/** Whose dead letter a body is. A handler may write into it which life would be next. */
export function identityOfLetter(body: string, queue: string): string {
  const read = readBody(body);
  return read ? identify(read.key, { ...read, life: Math.max(1, (read.life ?? 1) - 1) }, queue) : body;
}

function readBody(body: string): (Named & { readonly key: string }) | undefined {
  try {
    const { key, id, life } = JSON.parse(body) as { key?: unknown; id?: unknown; life?: unknown };
    if (typeof key !== 'string' || typeof id !== 'string') return undefined;
    return { key, id, life: typeof life === 'number' ? life : 1 };
  } catch {
    return undefined;
  }
}
