import { describe, expect, it } from 'vitest';
import { variantsIn } from './variants.fixture.ts';

const source = `
interface Subject { readonly key: string }
export interface Inspection { readonly waiting: number; readonly paused: boolean }
export type Found =
  | { readonly state: 'waiting'; readonly position: number }
  | { readonly state: 'delivered' | 'dead' };
export type Event =
  | (Subject & { readonly kind: 'parked'; readonly dueAtMs: number })
  | { readonly kind: 'unreadable' };
`;

describe('the variants of a type', () => {
  it.each([
    ['Inspection', [{ names: [], fields: ['waiting', 'paused'] }]],
    [
      'Found',
      [
        { names: ['waiting'], fields: ['position'] },
        { names: ['delivered', 'dead'], fields: [] },
      ],
    ],
    [
      'Event',
      [
        { names: ['parked'], fields: ['key', 'dueAtMs'] },
        { names: ['unreadable'], fields: [] },
      ],
    ],
  ])('are those of %s', (name, variants) => {
    expect(variantsIn('a.ts', source, name)).toEqual(variants);
  });
});
