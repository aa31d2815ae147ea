import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { referencePages } from './reference.mjs';

const reference = fileURLToPath(new URL('../../docs/reference', import.meta.url));

test('the committed reference is what the definitions say (npm run docs)', () => {
  const committed = readdirSync(reference, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(reference.length + 1));
  const pages: ReadonlyMap<string, string> = referencePages();
  expect(committed.sort()).toEqual([...pages.keys()].sort());
  for (const [path, text] of pages) expect(readFileSync(join(reference, path), 'utf8'), path).toBe(text);
});
