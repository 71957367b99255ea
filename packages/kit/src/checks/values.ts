import { another, expecting, groupProblems, kindOf, type Check, type Checks } from './check.ts';

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

export const within = (least: number, most: number): Check =>
  expecting(`a number from ${least} to ${most}`, (found) => isWithin(found, least, most));

export const aboveZero = (most: number): Check =>
  expecting(`above 0 and at most ${most}`, (found) => isWithin(found, Number.MIN_VALUE, most));

export function isWithin(found: unknown, least: number, most: number): found is number {
  return typeof found === 'number' && found >= least && found <= most;
}

export const callable: Check = /* @__PURE__ */ expecting(
  'a function',
  (found) => typeof found === 'function',
);

export const flag: Check = /* @__PURE__ */ expecting('true or false', (found) => typeof found === 'boolean');

/** Something of the host's own that is asked again and again, or what another check takes. */
export const callableOr =
  (check: Check): Check =>
  (found, name, given) =>
    typeof found === 'function' ? [] : check(found, name, given);

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

export const schema: Check = /* @__PURE__ */ expecting(
  'a Standard Schema, version 1 (https://standardschema.dev)',
  (found) => {
    const standard = Object(Object(found)['~standard']) as { version?: unknown; validate?: unknown };
    return standard.version === 1 && typeof standard.validate === 'function';
  },
);

/** Options that belong together. */
export const group =
  (checks: Checks): Check =>
  (found, name) =>
    typeof found === 'object' && found !== null
      ? groupProblems(checks, found, `${name}.`)
      : [`${name}: expected an object of options, found ${kindOf(found)}`];

/**
 * A delay that must not be longer than the longest one.
 * @param most the name of the option that holds the longest, and what that is when it is left out.
 */
export const atMost =
  (check: Check, most: string, otherwise: number): Check =>
  (found, name, given) => {
    const problems = check(found, name, given);
    const longest = given[most] ?? otherwise;
    return problems.length > 0 || typeof longest !== 'number' || !(Number(found) > longest)
      ? problems
      : [`${name}: expected at most ${most}, which is ${longest}, found ${Number(found)}`];
  };

/** Those of AWS, and what emulators call theirs. */
export const region: Check = /* @__PURE__ */ text(
  'the name of a region such as eu-west-1',
  /^[a-z][a-z\d-]{0,63}$/,
);
