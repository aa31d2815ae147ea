import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contrastRatio } from './brand/contrast.ts';

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

const coloursOf = (selector: string): Record<string, string> => {
  const from = css.indexOf(`${selector} {`);
  const block = css.slice(from, css.indexOf('}', from));
  return Object.fromEntries(
    [...block.matchAll(/--a-([\w-]+): (#[0-9a-f]{6});/g)].map((it) => [it[1] ?? '', it[2] ?? '']),
  );
};

const light = coloursOf(':root');
const dark = coloursOf(':root:not([data-theme="light"])');
const ratio = (theme: Record<string, string>, one: string, other: string): number =>
  contrastRatio(theme[one] ?? '', theme[other] ?? '');
const rounded = (value: number): number => Math.round(value * 10) / 10;

test('the switch to dark has the very colours of the dark system theme', () => {
  expect(coloursOf(':root[data-theme="dark"]')).toEqual(dark);
  expect(Object.keys(dark)).toEqual(Object.keys(light));
  expect(Object.keys(light)).toHaveLength(20);
});

// ux.md §1.4: the figures of the table, recomputed from the file that ships.
test.each([
  ['ink', 'surface', 16.6, 14.3],
  ['ink', 'bg', 15.5, 16.0],
  ['muted', 'surface', 6.5, 8.0],
  ['muted', 'bg', 6.1, 8.9],
  ['muted', 'sunken', 5.7, 9.3],
  ['edge', 'surface', 4.0, 4.7],
  ['edge', 'bg', 3.7, 5.2],
  ['edge', 'sunken', 3.5, 5.4],
  ['accent', 'surface', 6.5, 8.9],
  ['accent', 'bg', 6.1, 9.9],
  ['accent', 'accent-soft', 5.6, 6.8],
  ['on-accent', 'accent', 6.5, 8.9],
  ['on-accent', 'accent-hover', 8.7, 10.5],
  ['danger', 'surface', 6.5, 7.2],
  ['danger', 'bg', 6.1, 8.0],
  ['danger', 'danger-soft', 5.6, 6.3],
  ['on-danger', 'danger', 6.5, 7.5],
  ['warn', 'surface', 7.1, 9.8],
  ['warn', 'warn-soft', 6.4, 7.9],
  ['info', 'surface', 6.4, 8.4],
  ['info', 'info-soft', 5.6, 6.9],
  ['focus', 'surface', 6.4, 9.4],
  ['focus', 'bg', 6.0, 10.5],
])('%s on %s has the contrast that the design promises', (one, other, inLight, inDark) => {
  expect(rounded(ratio(light, one, other))).toBe(inLight);
  expect(rounded(ratio(dark, one, other))).toBe(inDark);
});

test.each(['accent-soft', 'danger-soft', 'warn-soft', 'info-soft', 'sunken', 'raised'])(
  'text is readable on %s in both themes',
  (ground) => {
    expect(ratio(light, 'ink', ground)).toBeGreaterThanOrEqual(4.5);
    expect(ratio(dark, 'ink', ground)).toBeGreaterThanOrEqual(4.5);
  },
);

test('the ratio is the one of WCAG', () => {
  expect(contrastRatio('#ffffff', '#000000')).toBe(21);
  expect(contrastRatio('#777777', '#777777')).toBe(1);
});
