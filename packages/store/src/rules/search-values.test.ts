import { expect, test } from 'vitest';
import { searchValues } from './search-values.ts';

test('reads no value of an attribute that is not meant (SEC-93)', () => {
  const unread = new Proxy<readonly string[]>([], {
    get: () => {
      throw new Error('values of an attribute that is not listed are read');
    },
  });
  expect(searchValues({ a: ['X', 'x'], b: unread }, (name) => name === 'a')).toEqual([{ name: 'a', folded: 'x' }]);
});
