import { expect, test } from 'vitest';
import type { ServedRequest } from './call.ts';
import { etagOf, meetsConditions, saved } from './conditions.ts';

const call = (headers: Readonly<Record<string, string>>, method = 'PUT', url = '/am/json/scripts/a?_action=x') => ({
  request: { headers, method, url } as unknown as ServedRequest,
});

test.each([
  [{}, undefined, true],
  [{}, '7', true],
  [{ 'if-match': '"7"' }, '7', true],
  [{ 'if-match': '*' }, '7', true],
  [{ 'if-match': '"6"' }, '7', false],
  [{ 'if-match': '*' }, undefined, false],
  [{ 'if-none-match': '*' }, undefined, true],
  [{ 'if-none-match': '*' }, '7', false],
])('%j lets a change of what is stored as %s pass: %s', (headers, stored, passes) => {
  expect(meetsConditions(call(headers), stored)).toBe(passes);
});

test('a new thing is answered with its address, and one that was there without', () => {
  const record = { _id: 'a b', _rev: '7' };
  expect(saved(call({}), record, false)).toEqual({ status: 200, body: record, headers: etagOf('7') });
  expect(saved(call({}), record, true).headers).toEqual({ etag: '"7"', location: '/am/json/scripts/a' });
  const created = saved(call({}, 'POST', '/am/json/scripts/?_action=create'), record, true);
  expect(created).toMatchObject({ status: 201, headers: { location: '/am/json/scripts/a%20b' } });
});
