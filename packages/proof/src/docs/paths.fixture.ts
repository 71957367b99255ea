import { posix } from 'node:path';

/** A file that a document names, as the document has it. */
export interface NamedFile {
  readonly text: string;
  /** Whether it is a link, which goes from the document's own folder. */
  readonly link: boolean;
}

const EXTENSIONS = 'ts|tsx|js|mjs|mts|lua|tf|md|json|jsonc|yml|prisma|sql';

/** The files and folders that a document names: relative links, and code such as `src/main.ts` or `packages/client`. */
export function filesNamedIn(document: string): readonly NamedFile[] {
  const prose = document.replaceAll(/^```.*?^```/gms, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, text = '']) => ({ text, link: true }));
  const code = [...prose.matchAll(/`([^`\s]+)`/g)].map(([, text = '']) => ({ text, link: false }));
  return [...links.filter(({ text }) => !/^\w+:|^#/.test(text)), ...code.filter(({ text }) => isPath(text))];
}

function isPath(text: string): boolean {
  if (/[{}<>$()=@,:]|^\.\.?\/|^\//.test(text)) return false;
  const inRepository = /^(?:packages|examples|docs|\.ci|\.github|\.changeset)\//.test(text);
  return (
    inRepository ||
    new RegExp(String.raw`^[\w*.-]+(?:/[\w*.-]+)+\.(?:${EXTENSIONS})$`).test(text) ||
    text.endsWith('.test.ts')
  );
}

/**
 * Whether a named file is there.
 * @param document the path of the document that names it.
 * @param files the paths of all files, from the root of the repository.
 */
export function exists({ text, link }: NamedFile, document: string, files: readonly string[]): boolean {
  const folder = posix.dirname(document);
  const [path = ''] = text.split('#');
  if (link) return isThere(posix.normalize(posix.join(folder, path)), files);
  // What a document of an example names belongs to it; other documents name files by as much of their path as tells them.
  const scope = folder.startsWith('examples/')
    ? files.filter((file) => file.startsWith(`${folder}/`))
    : files;
  return isThere(path, files) || scope.some((file) => matches(path, file));
}

function isThere(path: string, files: readonly string[]): boolean {
  const bare = path.replace(/\/$/, '');
  return files.some((file) => file === bare || file.startsWith(`${bare}/`) || posix.matchesGlob(file, bare));
}

/** Whether a file's path ends with that one. */
function matches(path: string, file: string): boolean {
  return `/${file}`.endsWith(`/${path}`) || posix.matchesGlob(file, `**/${path}`);
}
