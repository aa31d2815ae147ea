import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../workspace.mjs';
import { filesNamedIn, isThere } from './named-files.mjs';
import { trackedFiles } from './tracked-files.mjs';

const files = trackedFiles() as readonly string[];
const pages = files.filter((file) => /^(docs\/.*|packages\/[^/]+\/README|bench\/README)\.md$/.test(file));

test('every file that a decision or another page of the documentation names is there', () => {
  const gone = pages.flatMap((page) =>
    (filesNamedIn(readFileSync(join(ROOT, page), 'utf8')) as readonly string[])
      .filter((named) => !isThere(named, files))
      .map((named) => `${named} in ${page}`),
  );
  expect(gone).toEqual([]);
});

test('the pages that are looked through name files', () => {
  expect(pages.length).toBeGreaterThan(60);
  expect(pages.flatMap((page) => filesNamedIn(readFileSync(join(ROOT, page), 'utf8'))).length).toBeGreaterThan(50);
});

test('a file is found by the end of its path, and one that is not there is not', () => {
  expect(filesNamedIn('`sql/verbs/row-cache.ts`, `packages/store`, `a.b`, `x-*.ts`, `dist/view/login.js`')).toEqual([
    'sql/verbs/row-cache.ts',
    'packages/store',
  ]);
  expect(isThere('sql/verbs/row-cache.ts', files)).toBe(true);
  expect(isThere('packages/store', files)).toBe(true);
  expect(isThere('ow-cache.ts', files)).toBe(false);
});
