import { afterHit, type ThrottleReader, type ThrottleRow } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { demandShortSubject } from '../rules/throttle-subjects.ts';
import type { Database } from '../sqlite/driver.ts';

type Row = readonly [subject: string, hits: string, lockedUntil: number, rev: number];

const throttleOf = ([subject, hits, lockedUntil, rev]: Row): ThrottleRow => ({
  subject,
  hits: JSON.parse(hits),
  lockedUntil,
  rev,
});

const HOUR = 3_600_000;

const escapeLike = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&');

export const sqliteThrottles = (db: Database) => {
  const select = db.prepare<Row>('SELECT subject, hits, locked_until, rev FROM throttle WHERE subject = ?');
  const selectLock = db.prepare<[lockedUntil: number]>('SELECT locked_until FROM throttle WHERE subject = ?');
  const insert = db.prepare(
    `INSERT INTO throttle (subject, hits, last_hit_at, last_hit_hour, locked_until, rev) VALUES (?, ?, ?, ?, ?, 1)
     ON CONFLICT DO NOTHING`,
  );
  const clear = db.prepare(
    `UPDATE throttle SET hits = '[]', last_hit_at = 0, locked_until = 0, rev = rev + 1 WHERE subject = ?`,
  );
  const changed = 'hits = ?, last_hit_at = ?, locked_until = ?, rev = rev + 1';
  // Setting the hour writes its index, also where it stays the same.
  const update = db.prepare(`UPDATE throttle SET ${changed} WHERE subject = ? AND rev = ? AND last_hit_hour >= ?`);
  const updateHour = db.prepare(`UPDATE throttle SET ${changed}, last_hit_hour = ? WHERE subject = ? AND rev = ?`);
  const deleteUser = db.prepare(
    `DELETE FROM throttle
       WHERE ':' || subject || ':' LIKE ? ESCAPE '\\' OR ':' || subject || ':' LIKE ? ESCAPE '\\'`,
  );
  const sweep = db.prepare(
    `DELETE FROM throttle WHERE subject IN
       (SELECT subject FROM throttle WHERE last_hit_hour < ? AND last_hit_at < ? AND locked_until <= ? LIMIT ?)`,
  );
  const put = ({ subject, hits, lockedUntil, rev }: ThrottleRow): boolean => {
    demandShortSubject(subject);
    const lastHitAt = hits.at(-1) ?? 0;
    const hour = lastHitAt - (lastHitAt % HOUR);
    const json = JSON.stringify(hits);
    return rev === 0
      ? insert.run(subject, json, lastHitAt, hour, lockedUntil) === 1
      : update.run(json, lastHitAt, lockedUntil, subject, rev, hour) === 1 ||
          updateHour.run(json, lastHitAt, lockedUntil, hour, subject, rev) === 1;
  };
  return {
    reader: {
      get: async (subjects) => subjects.map((it) => select.get(it)).flatMap((row) => (row ? [throttleOf(row)] : [])),
    } satisfies ThrottleReader,
    changes: {
      'throttle.put': ({ row }) => put(row),
      'throttle.hit': ({ subject, policy, at }) => {
        const found = select.get(subject);
        const row = found && throttleOf(found);
        return (row?.lockedUntil ?? 0) > at || put(afterHit(row, subject, policy, at));
      },
      'throttle.unlocked': ({ subjects, now }) =>
        subjects.every((subject) => (selectLock.get(subject)?.[0] ?? 0) <= now),
      'throttle.clear': ({ subjects }) => {
        for (const subject of subjects) clear.run(subject);
        return true;
      },
    } satisfies ChangesOf<'throttle.put' | 'throttle.hit' | 'throttle.unlocked' | 'throttle.clear'>,
    /** See `isCounterOf`. */
    deleteUser: (userId: string, account: string) =>
      deleteUser.run(`%:${escapeLike(userId)}:%`, `%:${escapeLike(account)}:%`),
    sweep: (now: number, idleSince: number, limit: number) => sweep.run(idleSince, idleSince, now, limit),
  };
};
