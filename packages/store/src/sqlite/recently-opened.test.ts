import { expect, test } from 'vitest';
import { RecentlyOpened } from './recently-opened.ts';

const of = (most: number, ...ids: readonly string[]) => {
  const opened = new RecentlyOpened<string>(most);
  for (const id of ids) opened.put(id, `value of ${id}`);
  return opened;
};

test('a value is kept until it is forgotten', () => {
  const opened = of(4, 'a');
  expect(opened.get('a')).toBe('value of a');
  opened.age();
  opened.forget('a');
  expect(opened.get('a')).toBeUndefined();
});

test('what nobody asked for between two sweeps is forgotten', () => {
  const opened = of(8, 'asked', 'not asked');
  opened.age();
  expect(opened.get('asked')).toBe('value of asked');
  opened.age();
  expect(opened.get('asked')).toBe('value of asked');
  expect(opened.get('not asked')).toBeUndefined();
});

test('a newer value takes the place of an older one', () => {
  const opened = of(4, 'a');
  opened.age();
  opened.put('a', 'newer');
  expect(opened.get('a')).toBe('newer');
  opened.forget('a');
  expect(opened.get('a')).toBeUndefined();
});

test('there are never more than there may be, and those put last are among them', () => {
  const ids = Array.from({ length: 25 }, (_, at) => `${at}`);
  const opened = of(10, ...ids);
  const kept = ids.filter((id) => opened.get(id) !== undefined);
  expect(kept.length).toBeLessThanOrEqual(10);
  expect(kept).toEqual(expect.arrayContaining(ids.slice(-5)));
});
