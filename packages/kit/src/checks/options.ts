import { engineProblems } from './engine.ts';
import { groupProblems, type Check, type Checks } from './check.ts';

/** What one option must be, and its value when it is left out. An option without a `default` is required. */
export interface OptionRow {
  readonly check: Check;
  readonly default?: unknown;
}

/** One row for each option. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionRow };

/** Options with every default filled in. An option stays optional where its default is undefined. */
export type Filled<Options, Table extends OptionTable<Options>> = {
  readonly [Name in keyof Options]-?: Table[Name] extends { readonly default: infer Default }
    ? Exclude<Options[Name], undefined> | (undefined extends Default ? undefined : never)
    : Exclude<Options[Name], undefined>;
};

/**
 * Everything that is wrong with what something is created with: missing or impossible options, names that do not exist, an
 * engine that is too old.
 * @param path what stands before the name of each option in a problem.
 * @param others problems of what is given beside the options.
 */
export function optionProblems(
  checks: Checks,
  options: unknown,
  path = '',
  others: readonly string[] = [],
): readonly string[] {
  return [...engineProblems(), ...others, ...groupProblems(checks, options, path)];
}

/**
 * The two ways in which a package takes options. It throws their problems as its own `ConfigurationError`: this module is
 * bundled several times, and there must be one class of the error.
 */
export function optionReaders(ConfigurationError: new (problems: readonly string[]) => Error) {
  const requireOptions = (...judged: Parameters<typeof optionProblems>): void => {
    const problems = optionProblems(...judged);
    if (problems.length > 0) throw new ConfigurationError(problems);
  };
  const readOptions = <Options extends object, Table extends OptionTable<Options>>(
    table: Table,
    options: Options | undefined,
    ...beside: [path?: string, others?: readonly string[]]
  ): Filled<Options, Table> => {
    requireOptions(checksOf(table), options, ...beside);
    return filled(table, options);
  };
  return { requireOptions, readOptions };
}

/** The check of each row. One with a default, also an undefined one, may be left out. */
export function checksOf<Name extends string>(
  table: Readonly<Record<Name, OptionRow>>,
): Readonly<Record<Name, Check>> {
  const checks = Object.entries<OptionRow>(table).map(([name, row]) => [name, checkOf(row)] as const);
  return Object.fromEntries(checks) as Record<Name, Check>;
}

function checkOf(row: OptionRow): Check {
  if (!('default' in row)) return row.check;
  return (found, name, given) => (found === undefined ? [] : row.check(found, name, given));
}

/** Fills in the default of each option that is left out. Checks nothing. */
export function filled<Options extends object, Table extends OptionTable<Options>>(
  table: Table,
  options: Options | undefined,
): Filled<Options, Table> {
  const given = Object(options) as Readonly<Record<string, unknown>>;
  const rows = Object.entries<OptionRow>(table);
  return Object.freeze(
    Object.fromEntries(
      rows.map(([name, row]) => [name, given[name] === undefined ? row.default : given[name]]),
    ),
  ) as Filled<Options, Table>;
}
