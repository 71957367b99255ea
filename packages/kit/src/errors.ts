/** What the AWS SDK lacks before it makes a request, by the name that {@link errorName} gives its error. */
export const missingSetup: Readonly<Record<string, string>> = {
  RegionMissing: 'no request was made, because neither the queue URL nor AWS_REGION names a region',
  CredentialsProviderError:
    'no request was made, because the AWS SDK found no credentials: give the process a role',
};

const namesByMessage: Readonly<Record<string, string>> = {
  'Region is missing': 'RegionMissing',
  'Credential is missing': 'CredentialsProviderError',
};

/** The name of an error of an AWS client, and what the SDK lacks if that is why no request was made, for logs. */
export function awsErrorName(thrown: unknown): string {
  const name = errorName(thrown);
  return Object.hasOwn(missingSetup, name) ? `${name}: ${missingSetup[name]}` : name;
}

/**
 * The name of what was thrown, for logs: `unknown` when it has none. Where the name is only `Error`, the code of the
 * error, such as `ECONNREFUSED`, if it has one, or `RegionMissing` for the AWS SDK's. Never throws.
 */
export function errorName(thrown: unknown): string {
  const message = errorMessage(thrown);
  if (Object.hasOwn(namesByMessage, message)) return namesByMessage[message]!;
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
