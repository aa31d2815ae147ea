import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../workspace.mjs';
import { decisions } from './decisions.mjs';
import { trackedFiles } from './tracked-files.mjs';

const all = decisions();
const numbers = new Set(all.map(({ number }) => number));

describe.each(all)('the decision in $file', ({ file, number, title, status, headings }) => {
  test('has the number and a title that its file is named for', () => {
    expect(file).toMatch(new RegExp(`^${String(number).padStart(4, '0')}-[a-z0-9-]+\\.md$`));
    expect(title).toMatch(/^[A-Z].*[^.]$/);
  });

  test('says its status, and what it was decided from, what was decided and what it cost', () => {
    expect(status).toMatch(/^(accepted|superseded|withdrawn)\b/);
    expect(headings.filter((it) => /^(Context|Decision|What we gave up)$/.test(it))).toEqual([
      'Context',
      'Decision',
      'What we gave up',
    ]);
  });
});

test('no number is given twice', () => {
  expect(numbers.size).toBe(all.length);
});

test('every decision that is cited anywhere exists', () => {
  const cited = trackedFiles()
    .filter((file: string) => /\.(ts|tsx|mjs|md|css|html)$/.test(file))
    .flatMap((file: string) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      return [...text.matchAll(/\bADRs? (\d+)(?:(?:, | and )(\d{1,2})\b)*|docs\/adr\/(\d{4})/g)].flatMap((match) =>
        [...match[0].matchAll(/\d+/g)].map(([number]) => ({ file, number: Number(number) })),
      );
    });
  expect(cited.length).toBeGreaterThan(50);
  expect(cited.filter(({ number }: { number: number }) => !numbers.has(number))).toEqual([]);
});
