import { describeType } from '../describe-type.ts';
import { nearest } from './nearest.ts';

/** Options of unknown origin. */
export type Given = Readonly<Record<string, unknown>>;

/** Everything that is wrong with one option: its name, what was expected, what was found. Never what it holds. */
export type Check = (found: unknown, name: string, given: Given) => readonly string[];

/** What the options must be, by their names. */
export type Checks = Readonly<Record<string, Check>>;

/** The problems of the options, and the names among them that do not exist. */
export function groupProblems(checks: Checks, options: unknown, path = ''): string[] {
  const problems = problemsOf(checks, options, path);
  if (typeof options === 'object' && options !== null)
    return [...problems, ...unknownNames(checks, options, path)];
  // What is missing from no object at all says enough.
  if (problems.length > 0 || options === undefined) return problems;
  return [`${path.replace(/\.$/, '') || 'options'}: expected an object, found ${kindOf(options)}`];
}

/** The problems of the options that there are checks for. */
export function problemsOf(checks: Checks, options: unknown, path = ''): string[] {
  const given: Given = Object(options);
  return Object.entries(checks).flatMap(([name, check]) => check(given[name], path + name, given));
}

function unknownNames(checks: Checks, options: object, path: string): string[] {
  const known = Object.keys(checks);
  return Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known);
      return meant === undefined
        ? `${path}${name}: expected one of ${known.join(', ')}, found another option`
        : `${path}${name}: expected an option that exists, found another option: did you mean ${meant}?`;
    });
}

/** Finds fault with whatever is not as expected. */
export function expecting(
  expected: string,
  isFine: (found: unknown) => boolean,
  describe: (found: unknown) => string = kindOf,
): Check {
  return (found, name) => (isFine(found) ? [] : [`${name}: expected ${expected}, found ${describe(found)}`]);
}

/** What is wrong with a value that has no name: the first problem, or undefined. */
export function problemOf(check: Check, found: unknown): string | undefined {
  return check(found, '', {})[0]?.slice(': '.length);
}

/** What was found, in a word: numbers as they are, of everything else the kind. */
export function kindOf(found: unknown): string {
  if (typeof found === 'number') return String(found);
  return found === '' ? 'an empty string' : describeType(found);
}

/** The same where a string was expected, but not this one. */
export function another(found: unknown): string {
  return typeof found === 'string' && found !== '' ? 'another string' : kindOf(found);
}
