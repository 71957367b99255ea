/** A text with places for values: literal parts, and numbers of values between them. */
export type Template = readonly (string | number)[];

/** Cuts every occurrence of the values out of a text. Longer values first, where one is the start of another. */
export function cutOut(text: string, values: readonly string[]): Template {
  const longestFirst = values.map((value, index) => ({ value, index })).toSorted(byLength);
  const cut = (part: string): Template => {
    for (const { value, index } of longestFirst) {
      const at = part.indexOf(value);
      if (at >= 0) return [...cut(part.slice(0, at)), index, ...cut(part.slice(at + value.length))];
    }
    return part === '' ? [] : [part];
  };
  return cut(text);
}

/** Puts values where others were cut out. */
export function fillIn(template: Template, values: readonly string[]): string {
  let text = '';
  for (const part of template) text += typeof part === 'number' ? (values[part] ?? '') : part;
  return text;
}

function byLength(a: { readonly value: string }, b: { readonly value: string }): number {
  return b.value.length - a.value.length;
}
