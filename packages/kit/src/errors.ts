/**
 * The name of what was thrown, for logs: `unknown` when it has none. Where the name is only `Error`, the code of the
 * error, such as `ECONNREFUSED`, if it has one. Never throws.
 */
export function errorName(thrown: unknown): string {
  const name = textOf(thrown, 'name');
  const code =
    name === 'Error' ? safely<unknown>(() => (thrown as { code?: unknown }).code, undefined) : undefined;
  return typeof code === 'string' && /^\w+$/.test(code) ? code : name;
}

/** The message of what was thrown: `unknown` when it has none. Never throws. */
export function errorMessage(thrown: unknown): string {
  return textOf(thrown, 'message');
}

/** The class of what was thrown, or the type of a thrown value that is no error. Never throws. */
export function errorClass(thrown: unknown): string {
  return safely(() => (thrown instanceof Error ? thrown.constructor.name : typeof thrown), 'unknown');
}

/**
 * Those of the candidates that are names, with one space between them; undefined when none is. Errors of databases and
 * adapters quote what they failed with, so whatever is not in the form of a name is left out.
 */
export function namesAmong(...candidates: readonly unknown[]): string | undefined {
  return candidates.filter(isName).join(' ') || undefined;
}

/** Whether a value is a name or a code, as errors have them, and no free text. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,100}$/.test(value);
}

/** Reads something of a thrown value. Anything can be thrown, also what throws when it is read. */
export function safely<Answer>(read: () => Answer, otherwise: Answer): Answer {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function textOf(thrown: unknown, field: 'name' | 'message'): string {
  const text = safely<unknown>(() => (thrown instanceof Error ? thrown[field] : undefined), undefined);
  return typeof text === 'string' && text !== '' ? text : 'unknown';
}
