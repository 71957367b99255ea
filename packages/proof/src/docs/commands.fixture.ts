/** What is run with pnpm in a document: `sim` of `npx pnpm@12 sim --seeds 20`. */
export function scriptsNamedIn(document: string): readonly string[] {
  const commands = document.matchAll(/\bnpx (?:-y )?pnpm@\d+ ((?:-\S+ )*)([\w:-]+)/g);
  return [...new Set([...commands].map(([, , script = '']) => script))].filter((one) => !ofPnpm.has(one));
}

/** Commands of pnpm's own. */
const ofPnpm = new Set(['install', 'exec', 'dlx', 'add']);

/** Variables of the environment that a document names: words in capitals with underscores, as code. */
export function variablesNamedIn(document: string): readonly string[] {
  const prose = document.replaceAll(/^```.*?^```/gms, '');
  const code = [...prose.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
  const words = code.flatMap((text) => text.match(/(?<![\w.])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?!\w)/g) ?? []);
  return [...new Set(words)];
}
