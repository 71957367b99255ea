/** A table of Markdown, padded so that it also reads well at a terminal: the first column left, figures right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => pad(cells[column] ?? '', width, column)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** A whole number with thousands separated: `12,345`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** How many times one figure is the other: `1.23×`. With a target: `1.23× ≥ 1.1`, or `1.03× < 1.1` when it is missed. */
export function times(ratio: number, atLeast?: number): string {
  const text = `${ratio.toFixed(2)}×`;
  return atLeast === undefined ? text : `${text} ${ratio >= atLeast ? '≥' : '<'} ${atLeast}`;
}
