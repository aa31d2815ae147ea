import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../workspace.mjs';
import { trackedFiles } from './tracked-files.mjs';

const pages: readonly string[] = trackedFiles().filter((file: string) => file.endsWith('.md'));

test.each(pages)('what %s links to is there', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  const targets = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)|(?:src|href)="([^"#]+)"/g)].map(([, a, b]) => a ?? b ?? '');
  const missing = targets.filter((it) => !/^[a-z]+:/.test(it) && !existsSync(join(ROOT, dirname(page), it)));
  expect(missing).toEqual([]);
});
