import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { KEPT_DATA } from './kept-data.ts';
import { horizonsAt, type Retention, USUAL_RETENTION } from './retention.ts';

test('every table that is listed is made by the schema, of one database or the other', () => {
  const texts = ['../migrations/', '../schema/', '../postgres/']
    .map((folder) => fileURLToPath(new URL(folder, import.meta.url)))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(`${folder}${file}`, 'utf8')),
    );
  const made = new Set(texts.join('\n').match(/(?<=CREATE TABLE (?:IF NOT EXISTS )?)\w+/g));
  expect(KEPT_DATA.flatMap(({ tables }) => tables).filter((name) => !made.has(name))).toEqual([]);
});

test.each(Object.keys(USUAL_RETENTION) as (keyof Retention)[])(
  'what an operator says of %s moves one horizon by as much',
  (of) => {
    const before = horizonsAt(0, USUAL_RETENTION);
    const after = horizonsAt(0, { ...USUAL_RETENTION, [of]: USUAL_RETENTION[of] + 1_000 });
    const moved = Object.entries(after).filter(([name, at]) => before[name as keyof typeof before] !== at);
    expect(moved).toHaveLength(1);
    expect(moved[0]?.[1]).toBe((before[moved[0]?.[0] as keyof typeof before] ?? 0) - 1_000);
    expect(KEPT_DATA.filter(({ longer }) => longer === of)).toHaveLength(1);
  },
);
