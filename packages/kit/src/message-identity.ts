/** The parts of a message that tell it from others of its queue. */
export interface KeyAndId {
  readonly key: string;
  readonly id: string;
}

/** The identity of a message in one text. Neither a key nor an id holds a space, so no two messages share one. */
export function messageIdentity({ key, id }: KeyAndId): string {
  return `${key} ${id}`;
}

/** The key and the id that {@link messageIdentity} put together. */
export function keyAndId(identity: string): KeyAndId {
  const space = identity.indexOf(' ');
  return { key: identity.slice(0, space), id: identity.slice(space + 1) };
}
