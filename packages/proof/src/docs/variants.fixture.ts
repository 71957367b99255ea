import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';

/** One of the shapes of a type: what tells it from the others, such as `kind: 'parked'`, and its other members. */
export interface Variant {
  readonly names: readonly string[];
  readonly fields: readonly string[];
}

/** As much of the syntax tree (TS-ESTree) as types are made of. */
interface TypeNode {
  readonly type: string;
  readonly types?: readonly TypeNode[];
  readonly members?: readonly TypeNode[];
  readonly typeAnnotation?: TypeNode;
  readonly typeName?: { readonly name?: string };
  readonly key?: { readonly name?: string };
  readonly literal?: { readonly value?: unknown };
}

interface Declaration {
  readonly type: string;
  readonly id?: { readonly name?: string };
  readonly body?: { readonly body?: readonly TypeNode[] };
  readonly typeAnnotation?: TypeNode;
  readonly declaration?: Declaration | null;
}

const repository = join(import.meta.dirname, '../../../..');

/** Members that tell variants apart. */
const TAGS = new Set(['kind', 'state']);

/**
 * The variants of an exported type of a package: each part of a union, or the one shape of an interface.
 * @throws {Error} when the package exports no type of the name.
 */
export async function variantsOf(packageName: string, typeName: string): Promise<readonly Variant[]> {
  for await (const file of glob(join(repository, `packages/${packageName}/src/**/*.ts`))) {
    const text = await readFile(file, 'utf8');
    if (new RegExp(String.raw`^export (?:type|interface) ${typeName}\b`, 'm').test(text)) {
      return variantsIn(file, text, typeName);
    }
  }
  throw new Error(`expected packages/${packageName} to export the type ${typeName}, found none`);
}

/** {@link variantsOf} in the text of a file. What a type is made of has to stand in the same file. */
export function variantsIn(file: string, text: string, typeName: string): readonly Variant[] {
  const declared = new Map<string, Declaration>();
  for (const statement of parseSync(file, text).program.body as unknown as readonly Declaration[]) {
    const declaration = statement.declaration ?? statement;
    if (declaration.id?.name) declared.set(declaration.id.name, declaration);
  }
  const named = (name: string): readonly Variant[] => {
    const declaration = declared.get(name);
    if (declaration?.body?.body) return [shapeOf(declaration.body.body)];
    return declaration?.typeAnnotation ? variants(declaration.typeAnnotation) : [{ names: [], fields: [] }];
  };
  const variants = (node: TypeNode): readonly Variant[] => {
    if (node.type === 'TSUnionType') return (node.types ?? []).flatMap(variants);
    if (node.type === 'TSIntersectionType') return (node.types ?? []).map(variants).reduce(combined);
    if (node.type === 'TSParenthesizedType' && node.typeAnnotation) return variants(node.typeAnnotation);
    if (node.type === 'TSTypeLiteral') return [shapeOf(node.members ?? [])];
    return named(node.typeName?.name ?? '');
  };
  return named(typeName);
}

function combined(some: readonly Variant[], others: readonly Variant[]): readonly Variant[] {
  return some.flatMap((one) =>
    others.map((other) => ({
      names: [...one.names, ...other.names],
      fields: [...one.fields, ...other.fields],
    })),
  );
}

function shapeOf(members: readonly TypeNode[]): Variant {
  const tag = members.find(({ key }) => TAGS.has(key?.name ?? ''));
  return {
    names: literalsOf(tag?.typeAnnotation),
    fields: members.flatMap((member) => (member === tag ? [] : (member.key?.name ?? []))),
  };
}

function literalsOf(node: TypeNode | undefined): readonly string[] {
  if (!node) return [];
  if (typeof node.literal?.value === 'string') return [node.literal.value];
  return [...(node.types ?? []), ...(node.typeAnnotation ? [node.typeAnnotation] : [])].flatMap(literalsOf);
}
