import { expect, test } from 'vitest';
import { z } from 'zod';
import { nodeCatalogue } from './index.ts';

// Settings come from imports and from whoever may design: what is wrong with them is named, and never thrown.

const WILD: readonly unknown[] = [
  null,
  true,
  7,
  -1,
  0.5,
  1e308,
  '',
  'x',
  '__proto__',
  'a\u0000b',
  'a\ud800b',
  '%zz',
  'https://',
  'x'.repeat(70_000),
  [],
  [[]],
  ['x', 'x'],
  [null],
  [{}],
  [{ a: { b: ['c'] } }],
  {},
  { en: 7 },
  { a: { b: ['c'] } },
  JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":1}}'),
];

test.each([...nodeCatalogue.values()].map((definition) => [definition.type, definition] as const))(
  'no setting of %s makes its schema throw, whatever it is told (A1)',
  (_type, { config }) => {
    const names = config instanceof z.ZodObject ? Object.keys(config.shape) : [];
    const usual = config.safeParse({}).data ?? {};
    for (const value of WILD) {
      expect(() => config.safeParse(value)).not.toThrow();
      for (const name of names) expect(() => config.safeParse({ ...usual, [name]: value })).not.toThrow();
    }
  },
);
