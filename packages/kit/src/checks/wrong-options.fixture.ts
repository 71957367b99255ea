import { inspect } from 'node:util';
import { expect, it } from 'vitest';

/** Something that is made with options. */
export interface Factory {
  readonly make: (options: never) => unknown;
  /** Options that it takes. */
  readonly valid: object;
  /** Its options that are numbers; one of a group as `retry.maxAttempts`. */
  readonly numbers?: readonly string[];
  /** Its options that hold options. */
  readonly groups?: readonly string[];
}

/** Options that must be refused, and the beginning of the problem that says so. */
type WrongOptions = readonly [why: string, options: object, problem: string];

/** The problems that a factory finds; none when it takes the options. */
export function problemsFound({ make }: Pick<Factory, 'make'>, options: unknown): readonly string[] {
  try {
    make(options as never);
  } catch (error) {
    const { code, problems } = error as { readonly code?: unknown; readonly problems: readonly string[] };
    if (code === 'CONFIGURATION') return problems;
    throw error;
  }
  return [];
}

/** The tests of a factory that takes its options, and no others. */
export function refusesWrongOptions(factory: Factory): void {
  it('takes its options', () => {
    expect(problemsFound(factory, factory.valid)).toEqual([]);
  });

  it.each(wrongOptions(factory))('is not made when %s', (_why, options, problem) => {
    expect(problemsFound(factory, options)).toContainEqual(expect.stringContaining(problem));
  });

  it.each([null, 7, 'text', true])('is not made of %j', (options) => {
    expect(problemsFound(factory, options)).not.toEqual([]);
  });
}

/** What no factory may take: names that do not exist, values of another type, numbers that are impossible. */
function wrongOptions(factory: Factory): readonly WrongOptions[] {
  const { numbers = [], groups = [] } = factory;
  return [
    ...['', ...groups.map((group) => `${group}.`)].flatMap((path) => wrongNames(factory, path)),
    ...numbers.flatMap((name) => wrongNumbers(factory, name)),
  ];
}

/** Names that do not exist, and one mistyped for each that does; each of those with a value of no type that anything takes. */
function wrongNames(factory: Factory, path: string): readonly WrongOptions[] {
  const unknown = `${path}bogusName`;
  return [
    [`${unknown} is unknown`, withOption(factory.valid, unknown, 1), `${unknown}: expected one of `],
    ...knownNames(factory, path).flatMap((name): readonly WrongOptions[] => {
      const typo = `${path}${name}${name.at(-1)}`;
      const hint = `found another option: did you mean ${name}?`;
      return [
        [`${typo} is mistyped`, withOption(factory.valid, typo, 1), hint],
        [
          `${path}${name} is a symbol`,
          withOption(factory.valid, `${path}${name}`, Symbol('wrong')),
          `${path}${name}`,
        ],
      ];
    }),
  ];
}

/** The names that a factory says it knows. */
function knownNames(factory: Factory, path: string): readonly string[] {
  const problems = problemsFound(factory, withOption(factory.valid, `${path}bogusName`, 1));
  const known = /expected one of (.*), found another option/.exec(problems.join(';'))?.[1];
  if (known === undefined)
    throw new Error(`expected a list of the names that exist, found ${problems.join(';')}`);
  return known.split(', ');
}

function wrongNumbers(factory: Factory, name: string): readonly WrongOptions[] {
  const refuse = (value: unknown): WrongOptions => [
    `${name} is ${inspect(value)}`,
    withOption(factory.valid, name, value),
    `${name}: expected `,
  ];
  const range = problemsFound(factory, withOption(factory.valid, name, Number.NaN)).join(';');
  const [, least = '', most = ''] = /from ([\d.]+) to ([\d.]+)/.exec(range) ?? [];
  const beyond = range.includes('above 0') ? [0] : [Number(least) - 1, Number(most) + 1];
  const broken = /whole/.test(range) ? [Number(least) + 0.5] : [];
  return [Number.NaN, Infinity, -Infinity, -1, 1e300, '1', 1n, null, ...beyond, ...broken].map(refuse);
}

function withOption(options: object, path: string, value: unknown): object {
  const [name = '', ...rest] = path.split('.');
  const part = (options as Record<string, unknown>)[name];
  return { ...options, [name]: rest.length === 0 ? value : withOption(Object(part), rest.join('.'), value) };
}

/** This process, as if its engine said something else of itself. */
export function processOf(versions: Readonly<Record<string, string>>): object {
  return Object.create(process, { versions: { value: versions } }) as object;
}
