import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../workspace.mjs';
import { glossary } from './glossary.mjs';
import { identifiers, wordsOf } from './identifiers.mjs';
import { trackedFiles } from './tracked-files.mjs';

const { ours, givenUp } = glossary() as { ours: readonly string[]; givenUp: readonly string[] };
const names = [...(identifiers() as ReadonlyMap<string, string>)].map(([name, file]) => ({
  name,
  file,
  words: ` ${wordsOf(name).join(' ')} `,
}));

test.each(ours)('our word "%s" is a name in the code', (word) => {
  const singular = ` ${word}`.replace(/s$/, '');
  expect(names.some(({ words }) => words.includes(singular))).toBe(true);
});

/** `MAX_*` is how names begin, `own-*` how files do, a capital a whole name, and all else words within one. */
const isCalled = (pattern: string, { name, file, words }: (typeof names)[number]): boolean => {
  if (pattern.endsWith('_*')) return name.startsWith(pattern.slice(0, -1));
  if (pattern.endsWith('-*')) return basename(file).startsWith(pattern.slice(0, -1));
  return /^[A-Z]/.test(pattern) ? name === pattern : words.includes(` ${pattern} `);
};

test.each(givenUp)('nothing is called "%s" any more', (pattern) => {
  expect(names.filter((it) => isCalled(pattern, it)).map(({ name, file }) => `${name} in ${file}`)).toEqual([]);
});

// A newcomer learns our words from what we publish: a type may have a word that is plain or stands in the glossary.
test('every word in the name of a type that is published is plain, or is in the glossary', () => {
  const plain = readFileSync(join(ROOT, 'tools/docs/plain-words.txt'), 'utf8').trim().split(/\s+/);
  const inGlossary = ours.flatMap((word) => wordsOf(word) as readonly string[]);
  const published = readdirSync(join(ROOT, 'docs/api')).flatMap((report) => {
    const text = readFileSync(join(ROOT, 'docs/api', report), 'utf8');
    return [...text.matchAll(/^(?:interface|type|(?:abstract )?class) (\w+)/gm)].map(([, name = '']) => name);
  });
  const words = new Set(published.flatMap((name) => wordsOf(name) as readonly string[]));
  const known = new Set([...plain, ...inGlossary]);
  expect([...words].filter((word) => !known.has(word) && !known.has(word.replace(/s$/, '')))).toEqual([]);
  expect(plain.filter((word) => !words.has(word))).toEqual([]);
  expect(plain).toEqual(plain.toSorted());
});

test('the glossary looks at all of the code', () => {
  expect((trackedFiles() as readonly string[]).length).toBeGreaterThan(1_000);
  expect(names.length).toBeGreaterThan(5_000);
});
