import { expect, test } from 'vitest';
import { shippedDeclaration } from './declarations.mjs';

const DECLARATION = `/** What it is. */
export interface Kept {
  /** With a quote ' in it. */
  readonly text: 'a // b' | '/* c';
}
// The end.
export declare const made: (given: Kept) => void;
`;

test('a declaration that only the compiler reads has no comments, and the same types', () => {
  const shipped = shippedDeclaration('packages/store/dist/index.d.ts', DECLARATION);
  expect(shipped).not.toMatch(/What it is|in it\.|The end/);
  expect(shipped).toMatch(/readonly text: ["']a \/\/ b["'] \| ["']\/\* c["'];/);
  expect(shipped).toContain('export declare const made: (given: Kept) => void;');
});

test.each([
  'packages/engine/dist/index.d.ts',
  'packages/nodes/dist/index.d.ts',
  'packages/cli/dist/entries/index.d.ts',
  'packages/server/dist/composition/compose.d.ts',
  'packages/store/dist/index.js',
])('%s is shipped as it is', (path) => {
  expect(shippedDeclaration(path, DECLARATION)).toBe(DECLARATION);
});

test('a declaration with a directive keeps it', () => {
  const text = `/// <reference types="node" />\n${DECLARATION}`;
  expect(shippedDeclaration('packages/store/dist/index.d.ts', text)).toBe(text);
});
