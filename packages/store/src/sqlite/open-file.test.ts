import { expect, test } from 'vitest';
import { beginJournal } from './open-file.ts';

const JOURNAL = 'PRAGMA journal_mode = WAL';

/** Refuses the journal as often as that, as SQLite does while another process has the file. */
const held = (times: number, message = 'database is locked') => {
  const asked: string[] = [];
  let left = times;
  const exec = (sql: string) => {
    asked.push(sql);
    if (sql !== JOURNAL || left === 0) return;
    left -= 1;
    throw new Error(message);
  };
  return { asked, exec };
};

test('the journal waits for another process that starts at that moment, as writes do (OPS-18)', () => {
  const db = held(2);
  beginJournal(db);
  const wait = ['BEGIN EXCLUSIVE', 'COMMIT'];
  expect(db.asked).toEqual([JOURNAL, ...wait, JOURNAL, ...wait, JOURNAL]);
});

test('what is held for ever is not waited for, nor is anything else that is wrong', () => {
  expect(() => beginJournal(held(Number.POSITIVE_INFINITY))).toThrow('database is locked');
  const broken = held(1, 'disk I/O error');
  expect(() => beginJournal(broken)).toThrow('disk I/O error');
  expect(broken.asked).toEqual([JOURNAL]);
});
