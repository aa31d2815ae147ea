import { expect, test } from 'vitest';
import { formatTable } from './text-table.ts';

test('numbers stand under each other', () => {
  expect(
    formatTable([
      ['what', 'store', 'value', ''],
      ['a step', 'memory', '10', 'note'],
    ]),
  ).toBe('what    store   value\na step  memory     10  note');
});
