import { describeWith } from '@assent/test-servers/testing';
import { expect, test } from 'vitest';
import { type Row, runFaults } from './fault-run.ts';
import type { RunOptions } from './run-options.ts';

// The part of `npm run tools -- faults` that each `npm test` has (OPS-78, REL-02, REL-05, REL-06): kills of instances and of PostgreSQL, among as few
// people as come by everywhere.

const OPTIONS: RunOptions = {
  stores: ['sqlite', 'postgres'],
  seed: 1,
  kills: 20,
  only: ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '14', '15', '16', '34'].map(
    (number) => `F${number}`,
  ),
  minutes: 1,
  perSecond: 1,
};

describeWith(['haproxy', 'postgres', 'redis'], 'two instances that are killed again and again', () => {
  test('lose nothing that was told, accept nothing twice, and leave nobody stuck (REL-02, REL-05, REL-06, REL-28)', {
    timeout: 900_000,
  }, async () => {
    const rows: Row[] = [];
    let kills = 0;
    await runFaults(OPTIONS, {
      row: (row) => rows.push(row),
      store: (report) => {
        kills += report.kills;
      },
    });
    const done = rows.filter(({ outcome }) => outcome !== 'skipped');
    expect(done.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    // One that was about to be told not to end may end, too.
    expect(kills).toBeGreaterThanOrEqual(OPTIONS.kills);
  });
});
