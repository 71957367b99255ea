import { describeType } from '../contract/describe-type.ts';

/** The options that a route must have, and those that are whole numbers if given. */
interface Expected {
  /** The method that the client must have. */
  readonly client: string;
  readonly functions: readonly string[];
  readonly optionalFunctions?: readonly string[];
  readonly whole?: readonly string[];
}

/** Everything that is wrong with options of unknown origin. */
export function routeProblems(
  options: Readonly<Record<string, unknown>>,
  { client, functions, optionalFunctions = [], whole = [] }: Expected,
): readonly string[] {
  const isFunction = (name: string) => typeof options[name] === 'function';
  return [
    ...(typeof Object(options['client'])[client] === 'function'
      ? []
      : [`client: expected a client with ${client}, found ${describeType(options['client'])}`]),
    ...[...functions, ...optionalFunctions.filter((name) => options[name] !== undefined)]
      .filter((name) => !isFunction(name))
      .map((name) => `${name}: expected a function, found ${describeType(options[name])}`),
    ...whole
      .filter((name) => options[name] !== undefined && !isWhole(options[name]))
      .map((name) => `${name}: expected a whole number from 1, found ${describeType(options[name])}`),
  ];
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}
