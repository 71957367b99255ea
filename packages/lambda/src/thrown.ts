/** The name of what was thrown, for logs and dead letters: `unknown` when it has none. Never throws. */
export function nameOf(thrown: unknown): string {
  return textOf(thrown, 'name');
}

/** The message of what was thrown, as {@link nameOf} gives its name. */
export function messageOf(thrown: unknown): string {
  return textOf(thrown, 'message');
}

/** Looks at something thrown. Anything can be thrown, even what throws itself when it is looked at. */
export function look<Answer>(question: () => Answer, otherwise: Answer): Answer {
  try {
    return question();
  } catch {
    return otherwise;
  }
}

function textOf(thrown: unknown, field: 'name' | 'message'): string {
  const text = look<unknown>(() => (thrown instanceof Error ? thrown[field] : undefined), undefined);
  return typeof text === 'string' && text !== '' ? text : 'unknown';
}
