/**
 * The name of what was thrown, for logs and dead letters: `unknown` when it has none. Where it is only `Error`, the code of
 * the error, such as `ECONNREFUSED`, if it has one. Never throws.
 */
export function nameOf(thrown: unknown): string {
  const name = textOf(thrown, 'name');
  const code =
    name === 'Error' ? look<unknown>(() => (thrown as { code?: unknown }).code, undefined) : undefined;
  return typeof code === 'string' && /^\w+$/.test(code) ? code : name;
}

/** The message of what was thrown: `unknown` when it has none. Never throws. */
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
