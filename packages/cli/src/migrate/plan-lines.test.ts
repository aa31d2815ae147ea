import { expect, test } from 'vitest';
import { planLines } from './plan-lines.ts';

test('a plan says of each statement who waits for it, and of each migration who can serve beside it (OPS-20)', () => {
  const lines = planLines({
    version: 20,
    known: 22,
    migrations: [
      {
        version: 21,
        name: 'what is new',
        kind: 'expand',
        livesWith: 17,
        steps: [
          { statement: 'CREATE TABLE instance (\n  id TEXT PRIMARY KEY)', lock: 'nobody' },
          { statement: 'ALTER TABLE session ADD COLUMN host TEXT', lock: 'table' },
        ],
      },
      {
        version: 22,
        name: 'what is old',
        kind: 'contract',
        livesWith: 20,
        steps: [{ statement: 'DELETE', lock: 'rows' }],
      },
    ],
    indexes: [{ statement: 'CREATE INDEX CONCURRENTLY late ON throttle (rev)', lock: 'nobody' }],
  });
  expect(lines).toEqual([
    'The schema is 20, this program knows 22.',
    '21  what is new  (expand: older programs go on; serves programs from schema 17 on)',
    '      CREATE TABLE instance (  [nobody waits]',
    '      ALTER TABLE session ADD COLUMN host TEXT  [who uses the table waits for a moment]',
    '22  what is old  (contract: takes away what only older programs need; serves programs from schema 20 on)',
    '      DELETE  [who writes the same rows waits]',
    'to be ended: CREATE INDEX CONCURRENTLY late ON throttle (rev)  [nobody waits]',
  ]);
});
