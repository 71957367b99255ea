import { ConfigurationError, describeType } from '@huntaze/rate-limiter-client/contract';

/** Options of unknown origin. */
export type Given = Readonly<Record<string, unknown>>;

/** Everything that is wrong with one option: its name, what was expected, what was found. Never what it holds. */
export type Check = (found: unknown, name: string, given: Given) => readonly string[];

/** What the options must be, by their names. */
export type Checks = Readonly<Record<string, Check>>;

/** @throws {ConfigurationError} with every problem of the options, names that do not exist among them. */
export function requireOptions(checks: Checks, options: unknown, path = ''): void {
  const problems = groupProblems(checks, options, path);
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/** The problems of the options, and the names among them that do not exist. */
export function groupProblems(checks: Checks, options: unknown, path = ''): string[] {
  const unknown = Object.keys(typeof options === 'object' ? Object(options) : {})
    .filter((name) => !Object.hasOwn(checks, name))
    .map((name) => `${path}${name}: expected one of ${Object.keys(checks).join(', ')}, found another option`);
  return [...problemsOf(checks, options, path), ...unknown];
}

/** The problems of the options that there are checks for. */
export function problemsOf(checks: Checks, options: unknown, path = ''): string[] {
  const given: Given = Object(options);
  return Object.entries(checks).flatMap(([name, check]) => check(given[name], path + name, given));
}

/** Finds fault with whatever is not as expected. */
export function expecting(
  expected: string,
  isFine: (found: unknown) => boolean,
  describe: (found: unknown) => string = kindOf,
): Check {
  return (found, name) => (isFine(found) ? [] : [`${name}: expected ${expected}, found ${describe(found)}`]);
}

/** Lets an option be left out. */
export const optional =
  (check: Check): Check =>
  (found, name, given) =>
    found === undefined ? [] : check(found, name, given);

/** @param why what explains the most that it may be. */
export const whole = (least: number, most: number, why = ''): Check =>
  expecting(
    `a whole number from ${least} to ${most}${why}`,
    (found) => Number.isInteger(found) && isWithin(found, least, most),
  );

export const aboveZero = (most: number): Check =>
  expecting(`above 0 and at most ${most}`, (found) => isWithin(found, Number.MIN_VALUE, most));

export function isWithin(found: unknown, least: number, most: number): found is number {
  return typeof found === 'number' && found >= least && found <= most;
}

export const callable: Check = expecting('a function', (found) => typeof found === 'function');

export const oneOf = (...values: readonly unknown[]): Check =>
  expecting(values.join(' or '), (found) => values.includes(found), another);

/** A client or a port: an object with the methods that are called. */
export const having = (...methods: readonly string[]): Check => {
  const missing = (found: unknown) => methods.filter((method) => typeof Object(found)[method] !== 'function');
  return expecting(
    `an object with ${methods.join(', ')}`,
    (found) => missing(found).length === 0,
    (found) => `${kindOf(found)} without ${missing(found).join(', ')}`,
  );
};

/** @param form of the string. */
export const text = (expected: string, form: RegExp): Check =>
  expecting(expected, (found) => typeof found === 'string' && form.test(found), another);

export const queueUrl = text('the URL of a queue', /^(?!arn:)./);

export const clock = optional(having('nowMs', 'monotonicMs', 'sleep'));
export const logger = optional(having('debug', 'info', 'warn', 'error'));
export const random = optional(having('next'));
export const sqs = optional(having('send'));

/** What was found, in a word: numbers as they are, of everything else the kind. */
export function kindOf(found: unknown): string {
  if (typeof found === 'number') return String(found);
  return found === '' ? 'an empty string' : describeType(found);
}

/** The same where a string was expected, but not this one. */
function another(found: unknown): string {
  return typeof found === 'string' && found !== '' ? 'another string' : kindOf(found);
}
