import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** HashiCorp's own parser. Required rather than imported, because its types would declare a browser to everybody. */
const { parse } = require('@cdktn/hcl2json') as {
  parse(name: string, source: string): Promise<Readonly<Record<string, unknown>>>;
};

/** The folder of the Terraform module. */
export const moduleFolder = fileURLToPath(new URL('../../terraform/', import.meta.url));

/** A block's arguments and nested blocks. Literals are values; anything else is `${…}` with its source. */
export type Block = Readonly<Record<string, unknown>>;

/** Blocks by type and name, then as a list: Terraform allows some to be repeated. */
type Blocks = Readonly<Record<string, Readonly<Record<string, readonly Block[]>>>>;

/** All files of the module as one. */
export interface Module {
  /** The resource of a type and name. @throws {Error} when there is none. */
  resource(type: string, name: string): Block;
  /** Every resource of a type, by name. */
  resources(type: string): Readonly<Record<string, Block>>;
  /** Every data source of a type, by name. */
  data(type: string): Readonly<Record<string, Block>>;
  readonly locals: Block;
  readonly outputs: Readonly<Record<string, Block>>;
  readonly variables: Readonly<Record<string, Block>>;
  /** What the module says as text, for what is easier to find there. */
  readonly source: string;
}

/** Reads the module as HashiCorp's own parser does. @throws {Error} where the syntax is wrong. */
export async function readModule(): Promise<Module> {
  const names = (await readdir(moduleFolder)).filter((name) => name.endsWith('.tf'));
  const sources = await Promise.all(names.map((name) => readFile(`${moduleFolder}${name}`, 'utf8')));
  const files = await Promise.all(names.map((name, index) => parse(name, sources[index] ?? '')));
  const byType = (kind: 'resource' | 'data', type: string) =>
    firstOf(Object.assign({}, ...files.map((file) => (file[kind] as Blocks | undefined)?.[type] ?? {})));
  const named = (kind: 'output' | 'variable') =>
    firstOf(Object.assign({}, ...files.map((file) => (file[kind] as object | undefined) ?? {})));
  return {
    resource: (type, name) => {
      const found = byType('resource', type)[name];
      if (found === undefined) throw new Error(`expected a resource ${type}.${name}, found none`);
      return found;
    },
    resources: (type) => byType('resource', type),
    data: (type) => byType('data', type),
    locals: Object.assign({}, ...files.flatMap((file) => (file['locals'] as Block[] | undefined) ?? [])),
    outputs: named('output'),
    variables: named('variable'),
    source: sources.join('\n'),
  };
}

function firstOf(blocks: Readonly<Record<string, readonly Block[]>>): Record<string, Block> {
  return Object.fromEntries(Object.entries(blocks).map(([name, list]) => [name, list[0] ?? {}]));
}

/** The blocks nested in a block under a name. */
export function nested(block: Block, name: string): readonly Block[] {
  return (block[name] as readonly Block[] | undefined) ?? [];
}
