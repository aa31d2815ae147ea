import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { HOMES } from './homes.ts';
import { CORPUS } from './index.ts';

/** As spec/security-reliability §3 counts them. */
const ATTACKS = Array.from({ length: 168 }, (_, at) => `A${String(at + 1).padStart(3, '0')}`);

const made = new Set(CORPUS.flatMap(({ cases }) => cases.flatMap(({ ids }) => ids)));

test('every attack of the specification is made by a case, or by a test that is named', () => {
  expect(ATTACKS.filter((id) => !made.has(id) && !Object.hasOwn(HOMES, id))).toEqual([]);
  expect([...made, ...Object.keys(HOMES)].filter((id) => !ATTACKS.includes(id))).toEqual([]);
});

test('no attack has a home elsewhere that a case makes', () => {
  expect(Object.keys(HOMES).filter((id) => made.has(id))).toEqual([]);
});

test.each(Object.entries(HOMES))('%s is in the name of a test of %s', (id, file) => {
  const text = readFileSync(fileURLToPath(new URL(`../../../${file}`, import.meta.url)), 'utf8');
  const title = new RegExp(`(?:test|describe)(?:\\.each)?\\b[\\s\\S]{0,400}?['"\`][^'"\`\\n]*\\([^)\\n]*\\b${id}\\b`);
  expect(text).toMatch(title);
});

test('cases of a group are told apart by their titles', () => {
  for (const { cases } of CORPUS) {
    const titles = cases.map(({ title }) => title);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
  }
});
