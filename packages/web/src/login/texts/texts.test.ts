import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { textsEn } from './texts.en.ts';

/** The login page, and the part of the kit that asks it for texts. */
const source = ['../', '../../kit/recovery-codes/']
  .map((directory) => new URL(directory, import.meta.url))
  .flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|texts\./.test(file))
      .map((file) => readFileSync(new URL(file, directory), 'utf8')),
  )
  .join('\n');

// ux.md §7.3 A11
test('every text is used', () => {
  const composed = /^(offline|lost)$/; // by the kind of the connection
  const unused = Object.keys(textsEn).filter((id) => !composed.test(id) && !source.includes(`'${id}'`));
  expect(unused).toEqual([]);
});

test('a sentence neither shouts nor begs (ux.md §1.2)', () => {
  expect(Object.values(textsEn).filter((text) => /!|\bplease\b/i.test(text))).toEqual([]);
});
