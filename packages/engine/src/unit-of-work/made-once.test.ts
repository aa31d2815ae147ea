import { expect, test } from 'vitest';
import { madeOnce } from './made-once.ts';

test('a failure is not kept: the next call tries again', () => {
  let calls = 0;
  const made = madeOnce((document: { readonly isGood: boolean }) => {
    calls += 1;
    if (!document.isGood) throw new RangeError('bad');
    return calls;
  });
  const bad = { isGood: false };
  for (let n = 0; n < 2; n += 1) expect(() => made(bad)).toThrow(RangeError);
  expect(calls).toBe(2);
});

test('each document is read once, also if the result is undefined; another document with equal settings is read, too', () => {
  const read: object[] = [];
  const made = madeOnce((document: object): undefined => void read.push(document));
  const [first, second] = [{ a: 1 }, { a: 1 }];
  for (const document of [first, second, first, second]) expect(made(document)).toBeUndefined();
  expect(read).toEqual([first, second]);
});
