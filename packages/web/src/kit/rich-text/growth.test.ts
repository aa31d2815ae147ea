import { expect, test } from 'vitest';
import { readRecoveryScript } from '../../login/step/recovery-script.ts';
import { linksOfScript, unescapeScript } from '../../login/step/script-text.ts';
import { headingOf } from '../html/page-head.ts';
import { linksOf, parseRichText, plainText } from './rich-text.ts';

const LENGTH = 65_536;
/** The ratio is taken over several at once: 15.6 at most, where a linear reader has 8 and a quadratic one 64. */
const DOUBLINGS = 3;
/** Milliseconds. Below this a ratio tells of caches and collections alone; a quadratic reader needs hundreds. */
const FLOOR = 20;
const PIECES = [
  ...[
    '<',
    '<a ',
    '<a href="',
    "<a '",
    '<a>',
    '<b>',
    '<b><i>',
    '</b>',
    '<!--',
    '<svg>',
    '<svg></svg>',
    '<em>',
    '<h1>',
    '<a></a>',
  ],
  ...[
    '[',
    '{"a":',
    '*',
    ' ',
    '\n',
    '%',
    '"',
    "'",
    '\\',
    '\\"',
    '\\u',
    '&',
    '&#',
    '&amp;',
    '\ud800',
    '.',
    ',',
    '0',
    'a',
    '=',
    'é',
  ],
];
const half = (piece: string, length: number) => piece.repeat(length / piece.length / 2);
/** Begins of the one kind and ends of the other, so that a reader looks for what never comes. */
const shapes: readonly [name: string, of: (length: number) => string][] = [
  ...PIECES.map((piece): [string, (length: number) => string] => [
    piece,
    (length) => piece.repeat(length / piece.length),
  ]),
  ['opened, then closed by another', (length) => half('<b>', length) + half('</i>', length)],
  ['opened, then linked', (length) => half('<b>', length) + half('<a href=https://x.example>', length)],
];
const readers: readonly [name: string, read: (text: string) => unknown][] = [
  ['rich text', (text) => plainText(parseRichText(text))],
  ['links', (text) => linksOf(parseRichText(text))],
  ['links of a script', linksOfScript],
  ['escapes of a script', unescapeScript],
  ['recovery codes', (text) => readRecoveryScript(`Recovery Codes ${text}`)],
  ['heading', headingOf],
];

/** Milliseconds of processor time, the least of some runs: what else the machine does only adds to it. */
const leastTime = (read: (text: string) => unknown, text: string, runs: number): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    const begin = process.cpuUsage();
    read(text);
    least = Math.min(least, process.cpuUsage(begin).user / 1_000);
  }
  return least;
};

test.each(readers)(
  '%s take time that grows with the text alone, for each of the worst shapes of 64 KiB (SEC-94)',
  (_, read) => {
    const grown = shapes.filter(([, of]) => {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const whole = leastTime(read, of(LENGTH), 5);
        if (whole < FLOOR || whole / leastTime(read, of(LENGTH / 2 ** DOUBLINGS), 10) <= 2.5 ** DOUBLINGS) return false;
      }
      return true;
    });
    expect(grown.map(([name]) => name)).toEqual([]);
  },
);

test('an element below 32 others is only its words, so that no reader of the tree runs out of stack', () => {
  const depth = 9_000;
  const tree = parseRichText(`${'<b>'.repeat(depth)}deep${'</b>'.repeat(depth)}`);
  expect(plainText(tree)).toBe('deep');
  expect(JSON.stringify(tree).match(/"tag"/g)).toHaveLength(32);
});
