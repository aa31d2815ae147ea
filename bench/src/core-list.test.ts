import { expect, test } from 'vitest';
import { parseCores } from './core-list.ts';

test.each([
  ['', []],
  ['x', []],
  ['3-1', []],
  ['0', [0]],
  ['0-3', [0, 1, 2, 3]],
  ['1,4-5,9', [1, 4, 5, 9]],
])('the cores %j are %j', (list, cores) => {
  expect(parseCores(list)).toEqual(cores);
});
