import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../workspace.mjs';
import { trackedFiles } from './tracked-files.mjs';

// An editor shows the comment of a declaration alone, far away from what stands before it.

/** How a comment begins that speaks of the declaration before its own; `The same password` does not. */
const LEANING =
  /\/\*\*(?:\s*\*)? (?:The same(?:,| (?:as|at|by|for|in|of|out|read|under|where|with|without) )|Likewise|And |Those of )/;

test('the comment of a declaration stands without the one before it', () => {
  const sources = (trackedFiles() as readonly string[]).filter((path) => /\.(?:ts|tsx|mjs)$/.test(path));
  const leaning = sources.filter((path) => LEANING.test(readFileSync(join(ROOT, path), 'utf8')));
  expect(sources.length).toBeGreaterThan(1_000);
  expect(leaning).toEqual([]);
});
