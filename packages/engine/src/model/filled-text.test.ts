import { describe, expect, test } from 'vitest';
import { fillIn, TextTooLong, textFiller } from './localized.ts';

const PLACE = /\{(\w+)\}/g;

describe('a text with values in its places', () => {
  test('that would become too long is refused before it is built (SEC-94)', () => {
    let asked = 0;
    const value = 'x'.repeat(100_000);
    const fill = () =>
      textFiller()('{a}'.repeat(1_000_000), PLACE, () => {
        asked += 1;
        return value;
      });
    expect(fill).toThrow(TextTooLong);
    expect(asked).toBe(3);
    expect(() => fillIn('{{a}}'.repeat(2_000), { a: '&'.repeat(25_000) })).toThrow(TextTooLong);
  });

  test('counts all texts of one filler together', () => {
    const fill = textFiller(10);
    expect(fill('12345', PLACE, () => '')).toBe('12345');
    expect(() => fill('123456', PLACE, () => '')).toThrow('more than 10 characters');
  });

  test('has exactly what is between its places, and values as they are', () => {
    const fill = textFiller();
    expect(fill('a {x} b {y}', PLACE, ([, name]) => `$&{${name}}`)).toBe('a $&{x} b $&{y}');
    expect(fill('', PLACE, () => 'never')).toBe('');
    expect(textFiller()('x'.repeat(262_144), PLACE, () => '')).toHaveLength(262_144);
  });
});
