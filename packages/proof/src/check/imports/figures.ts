import { posix } from 'node:path';
import type { SourceFile } from './graph.ts';

/** How far a tree of source is from being read top to bottom. */
export interface Figures {
  /** The TypeScript files in the root itself. */
  readonly rootFiles: readonly string[];
  /** The files of the longest way along imports. Types count: whoever reads a file has to know them. */
  readonly longestChain: readonly string[];
  /** Folders that import each other, `.` for the root itself, with an import of each direction. */
  readonly mutualFolders: readonly string[];
  readonly lines: number;
}

/** @throws {Error} when files import each other in a circle. */
export function figuresOf(files: readonly SourceFile[]): Figures {
  return {
    rootFiles: files.map(({ path }) => path).filter((path) => /^[^/]+\.ts$/.test(path)),
    longestChain: longestChain(files),
    mutualFolders: mutualFolders(files),
    lines: files.reduce((total, { lines }) => total + lines, 0),
  };
}

function longestChain(files: readonly SourceFile[]): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const known = new Map<string, readonly string[]>();
  const chainFrom = (path: string, above: readonly string[]): readonly string[] => {
    if (above.includes(path)) {
      throw new Error(`expected no circle of imports, found ${[...above, path].join(' → ')}`);
    }
    const before = known.get(path);
    if (before) return before;
    const below = byPath.get(path)?.imports ?? [];
    const chain = [path, ...longest(below.map((one) => chainFrom(one, [...above, path])))];
    known.set(path, chain);
    return chain;
  };
  return longest(files.map(({ path }) => chainFrom(path, [])));
}

function longest(chains: readonly (readonly string[])[]): readonly string[] {
  return chains.reduce((best, one) => (one.length > best.length ? one : best), []);
}

function mutualFolders(files: readonly SourceFile[]): readonly string[] {
  /** An import that leads from one folder to another, by both. */
  const ways = new Map<string, string>();
  for (const { path, imports } of files) {
    for (const imported of imports) {
      ways.set(`${posix.dirname(path)} ${posix.dirname(imported)}`, `${path} → ${imported}`);
    }
  }
  return [...ways].flatMap(([way, there]) => {
    const [from = '', to = ''] = way.split(' ');
    const back = ways.get(`${to} ${from}`);
    return from < to && back ? [`${from} and ${to}: ${there}, ${back}`] : [];
  });
}
