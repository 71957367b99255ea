/** What a body stands for: its message's key and id, or the body itself when it carries none. */
export function identityOf(body: string): string {
  try {
    const { key, id } = JSON.parse(body) as { key?: unknown; id?: unknown };
    return typeof key === 'string' && typeof id === 'string' ? `${key} ${id}` : body;
  } catch {
    return body;
  }
}
