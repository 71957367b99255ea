import type { Bounds } from './bounds.ts';
import type { Figures } from './figures.ts';

/** Each figure beside its bound, such as `13 ≤ 13`, in the order of {@link titles}. */
export function cellsOf(figures: Figures, bounds: Bounds): readonly string[] {
  return comparisons(figures, bounds).map(({ found, bound }) =>
    found <= bound ? `${found} ≤ ${bound}` : `${found} > ${bound}`,
  );
}

/** What the figures are called. */
export const titles = ['files in root', 'longest chain', 'folder pairs', 'lines'] as const;

/** What is over its bound, with what has to change; empty when nothing is. */
export function problemsOf(name: string, figures: Figures, bounds: Bounds): readonly string[] {
  return comparisons(figures, bounds).flatMap(({ title, found, bound, details }) =>
    found <= bound
      ? []
      : [`${name}: expected at most ${bound} (${title}), found ${found}${details ? `:\n  ${details}` : ''}`],
  );
}

function comparisons({ rootFiles, longestChain, mutualFolders, lines }: Figures, bounds: Bounds) {
  const [files, chain, pairs, length] = titles;
  return [
    { title: files, found: rootFiles.length, bound: bounds.rootFiles, details: rootFiles.join(', ') },
    {
      title: chain,
      found: longestChain.length,
      bound: bounds.longestChain,
      details: longestChain.join(' → '),
    },
    {
      title: pairs,
      found: mutualFolders.length,
      bound: bounds.mutualFolders,
      details: mutualFolders.join('\n  '),
    },
    { title: length, found: lines, bound: bounds.lines, details: '' },
  ];
}
