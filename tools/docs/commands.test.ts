import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../workspace.mjs';
import { trackedFiles } from './tracked-files.mjs';

const pages = (trackedFiles() as readonly string[]).filter((path) => path.endsWith('.md'));

/** Lines that a reader types, with the file that they stand in. */
const typed = pages.flatMap((path) => {
  const blocks = readFileSync(join(ROOT, path), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(([, block = '']) => block.split('\n').map((line) => `${path}: ${line}`));
});

test('no page has its readers type assent alone, which nobody has on their path', () => {
  expect(typed.length).toBeGreaterThan(100);
  expect(typed.filter((line) => /(?:^\S+: |[|&;] *|\$\()(?:[A-Z_]+=\S+ )*assent /.test(line))).toEqual([]);
});

test('no page starts in the background by npx what it ends by a signal, which npx would keep to itself', () => {
  expect(typed.filter((line) => /npx .*&$/.test(line))).toEqual([]);
});
