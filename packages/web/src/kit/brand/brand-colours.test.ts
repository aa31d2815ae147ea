import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type BrandColours, brandColours } from './brand-colours.ts';
import { contrastRatio } from './contrast.ts';

const css = readFileSync(new URL('../tokens.css', import.meta.url), 'utf8');
const tokens = (selector: string): Readonly<Record<string, string>> => {
  const from = css.indexOf(`${selector} {`);
  const block = css.slice(from, css.indexOf('}', from));
  return Object.fromEntries([...block.matchAll(/--a-([\w-]+): (#[0-9a-f]{6});/g)].map((it) => [it[1], it[2]]));
};
const themes = { light: tokens(':root'), dark: tokens(':root:not([data-theme="light"])') } as const;

/** The corners of all colours, greys, our own, and some that companies have. */
const colours = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((bits) => `#${[4, 2, 1].map((bit) => (bits & bit ? 'ff' : '00')).join('')}`),
  '#777777',
  '#0b6b4d',
  '#5fd3a3',
  '#C0FFEE',
  '#ffcc00',
  '#e60000',
  '#19211d',
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  const ground = (name: string): string => themes[theme][name] ?? '';

  test.each(colours)('what follows from %s can be read on everything that it stands on', (colour) => {
    const of: BrandColours = brandColours(colour)[theme];
    const pairs = [
      ...['surface', 'bg', 'raised'].map((name) => [of.accent, ground(name)] as const),
      [of.accent, of['accent-soft']],
      [of['accent-hover'], ground('surface')],
      [of['on-accent'], of.accent],
      [of['on-accent'], of['accent-hover']],
      [ground('ink'), of['accent-soft']],
    ] as const;
    for (const [one, other] of pairs) {
      expect(contrastRatio(one, other), `${one} on ${other}`).toBeGreaterThanOrEqual(4.5);
    }
  });
});

test('a colour that can be read is left as it is', () => {
  expect(brandColours('#0b6b4d').light.accent).toBe('#0b6b4d');
  expect(brandColours('#5fd3a3').dark.accent).toBe('#5fd3a3');
});

test('one that cannot becomes darker by day and lighter by night, and stays of its kind', () => {
  const { light, dark } = brandColours('#ffcc00');
  expect(light.accent).toMatch(/^#[6-9][0-9a-f][5-7][0-9a-f]00$/);
  expect(dark.accent).toBe('#ffcc00');
  expect(brandColours('#0000ff').dark.accent).toMatch(/^#([0-9a-f]{2})\1ff$/);
});
