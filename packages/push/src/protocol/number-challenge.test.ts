import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateNumberChallenge } from './number-challenge.ts';

/** Any sequence of random numbers, so that every outcome the code can have is tried. */
const draws = fc.infiniteStream(fc.nat({ max: 2 ** 31 - 1 })).map((stream) => ({
  int: (maxExclusive: number) => Number(stream.next().value) % maxExclusive,
}));
const edge = (share: number) => ({
  int: (maxExclusive: number) => Math.min(maxExclusive - 1, Math.floor(maxExclusive * share)),
});

test.each([1, 9, 2.5, Number.NaN])('%d digits are refused', (digits) => {
  expect(() => generateNumberChallenge({ ownPhone: true, officialApp: false, digits, random: edge(0) })).toThrow(
    RangeError,
  );
});

test('official apps get three distinct ascending choices, one of them right', () => {
  fc.assert(
    fc.property(draws, (random) => {
      const drawn = generateNumberChallenge({ ownPhone: false, officialApp: true, digits: 6, random });
      const choices = drawn.tap?.choices ?? [];
      expect(new Set(choices).size).toBe(3);
      expect([...choices].sort((a, b) => a - b)).toEqual(choices);
      for (const choice of choices) expect(choice >= 10 && choice <= 99).toBe(true);
      expect(choices).toContain(drawn.expected);
      expect(drawn).toMatchObject({ text: String(drawn.expected), digits: 2, tap: { expected: drawn.expected } });
    }),
  );
});

test('one number serves both kinds of phone: what is typed ends in what is tapped', () => {
  fc.assert(
    fc.property(draws, fc.integer({ min: 2, max: 8 }), (random, digits) => {
      const drawn = generateNumberChallenge({ ownPhone: true, officialApp: true, digits, random });
      expect(drawn.text).toMatch(new RegExp(`^[1-9]\\d{${digits - 1}}$`));
      expect(drawn).toMatchObject({
        expected: Number(drawn.text),
        digits,
        tap: { expected: Number(drawn.text.slice(-2)) },
      });
      expect(drawn.tap?.choices).toContain(drawn.tap?.expected);
    }),
  );
});

test('our own phone alone gets a number without leading zero and nothing to tap', () => {
  fc.assert(
    fc.property(draws, fc.integer({ min: 2, max: 8 }), (random, digits) => {
      const drawn = generateNumberChallenge({ ownPhone: true, officialApp: false, digits, random });
      expect(drawn.text).toMatch(new RegExp(`^[1-9]\\d{${digits - 1}}$`));
      expect(drawn).toEqual({ text: String(drawn.expected), expected: drawn.expected, digits });
    }),
  );
});

test('the first and the last number can be generated', () => {
  const own = { ownPhone: true, officialApp: false, digits: 6 };
  expect(generateNumberChallenge({ ...own, random: edge(0) }).text).toBe('100000');
  expect(generateNumberChallenge({ ...own, random: edge(1) }).text).toBe('999999');
  const official = { ownPhone: false, officialApp: true, digits: 6 };
  expect(generateNumberChallenge({ ...official, random: edge(0) }).tap).toEqual({
    choices: [10, 11, 12],
    expected: 10,
  });
  expect(generateNumberChallenge({ ...official, random: edge(1) }).tap).toEqual({
    choices: [97, 98, 99],
    expected: 99,
  });
});
