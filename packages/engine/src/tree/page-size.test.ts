import { expect, test } from 'vitest';
import { isLongerThan, pageSizeOf } from './page-size.ts';

const KIBI = 1_024;
const node = (characters: number) => ({ config: { message: 'x'.repeat(characters) } });

test('a page is large by the settings of all its nodes, and has a fault beyond 256 Ki characters (SEC-93)', () => {
  expect(pageSizeOf({}, [node(10 * KIBI), node(20 * KIBI)])).toEqual({ isLarge: false });
  expect(pageSizeOf({}, [node(20 * KIBI), node(20 * KIBI)])).toEqual({ isLarge: true });
  expect(pageSizeOf({ pageHeader: 'x'.repeat(40 * KIBI) }, [node(1)])).toEqual({ isLarge: true });
  expect(
    pageSizeOf(
      {},
      Array.from({ length: 5 }, () => node(60 * KIBI)),
    ),
  ).toEqual({
    isLarge: true,
    fault: expect.stringMatching(/^the page and its nodes have \d+ characters of settings, and may have 262144$/),
  });
});

test('a node that holds no other has no fault, however large it is', () => {
  expect(pageSizeOf({ text: 'x'.repeat(300 * KIBI) }, [])).toEqual({ isLarge: true });
  expect(pageSizeOf({ text: 'x'.repeat(30 * KIBI) }, [])).toEqual({ isLarge: false });
});

test('the texts of a value are counted wherever they stand in it', () => {
  const value = [{ output: { prompt: 'abc', choices: ['d', 'e'], no: undefined, count: 5 } }, 'f'];
  expect(isLongerThan(value, 5)).toBe(true);
  expect(isLongerThan(value, 10)).toBe(false);
  expect(isLongerThan('x'.repeat(11), 10)).toBe(true);
  expect(isLongerThan(undefined, 0)).toBe(false);
});
