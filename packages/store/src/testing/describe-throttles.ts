import { type AuditEvent, type AuditQuery, MAX_AUDIT_ROWS_OF_PAGE } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { auditEvent, commit, countWinners, mustCommit, NOW, refusedAt } from './rows.ts';

export const describeThrottles = (open: OpenStore): void => {
  describe('throttles and audit', () => {
    const store = freshStore(open);
    const row = { subject: 'password:user-1', hits: [NOW - 5, NOW], lockedUntil: NOW + 1_000, rev: 0 };

    test('a counter nobody has is not given, and a change of it is refused', async () => {
      expect(await store().throttles.get(['password:user-1'])).toEqual([]);
      expect(await commit(store(), { type: 'throttle.put', row: { ...row, rev: 3 } })).toEqual(
        refusedAt('throttle.put'),
      );
    });

    test('a counter that somebody else changed meanwhile is not overwritten', async () => {
      await mustCommit(store(), { type: 'throttle.put', row });
      expect(await commit(store(), { type: 'throttle.put', row })).toEqual(refusedAt('throttle.put'));
      expect(await store().throttles.get(['other', row.subject])).toEqual([{ ...row, rev: 1 }]);
      await mustCommit(store(), { type: 'throttle.put', row: { ...row, hits: [], lockedUntil: 0, rev: 1 } });
      expect(await store().throttles.get([row.subject])).toEqual([{ ...row, hits: [], lockedUntil: 0, rev: 2 }]);
    });

    test('of a user are those that can lock a factor, of every place, and of no other user (SEC-57)', async () => {
      const ours = ['password:user-1', 'password:user-1:browser', 'otp:user-1', 'recovery:user-1:address'];
      const others = ['push-paused:user-1', 'export:user-1', 'password:user-10', 'otp:user-2:user-1', 'source:1'];
      for (const subject of [...ours, ...others])
        await mustCommit(store(), { type: 'throttle.put', row: { ...row, subject } });
      const user = { id: 'user-1', realm: '/alpha', username: 'demo' };
      const found = (await store().throttles.ofUser(user)).map(({ subject }) => subject).sort();
      expect(found).toEqual([...ours].sort());
      await mustCommit(store(), { type: 'throttle.clear', subjects: found });
      expect(
        (await store().throttles.ofUser(user)).every(({ hits, lockedUntil }) => hits.length + lockedUntil === 0),
      ).toBe(true);
    });

    test('of 50 guesses counted at once from one rev, one is committed', async () => {
      const commits = Array.from({ length: 50 }, () => [{ type: 'throttle.put', row } as const]);
      expect(await countWinners(store(), commits)).toBe(1);
    });

    const policy = { windowMillis: 60_000, free: 3, lockMillis: 10_000, maxLockMillis: 40_000 };
    const never = { ...policy, free: 1_000 };
    const hit = (at: number, subject = row.subject) => ({ type: 'throttle.hit', subject, policy, at }) as const;

    test('of 50 guesses counted at once, all are committed, and those up to the lock are counted (A6, SEC-56)', async () => {
      const commits = Array.from({ length: 50 }, () => [hit(NOW)]);
      expect(await countWinners(store(), commits)).toBe(50);
      expect(await store().throttles.get([row.subject])).toEqual([
        { subject: row.subject, hits: [NOW, NOW, NOW], lockedUntil: NOW + 10_000, rev: 3 },
      ]);
    });

    test('what is counted after a lock doubles it, up to the longest, and what is old is forgotten (SEC-57)', async () => {
      const locks: number[] = [];
      let now = NOW;
      for (let at = 0; at < 7; at += 1) {
        await mustCommit(store(), hit(now));
        const [{ lockedUntil = 0 } = {}] = await store().throttles.get([row.subject]);
        locks.push(Math.max(0, lockedUntil - now));
        now = Math.max(now, lockedUntil);
      }
      // By then all but the last but one are older than the window.
      expect(locks).toEqual([0, 0, 10_000, 20_000, 40_000, 0, 10_000]);
    });

    test('however often something is counted, the list of it stays short (A4, SEC-46)', async () => {
      const counting = { ...policy, free: Number.POSITIVE_INFINITY };
      for (let at = 0; at < 300; at += 1) await mustCommit(store(), { ...hit(NOW + at), policy: counting });
      expect((await store().throttles.get([row.subject]))[0]?.hits.length).toBeLessThan(150);
    });

    test('a subject with somebody’s text in it is refused (A4, SEC-46)', async () => {
      const subject = `password:${'x'.repeat(200)}`;
      await expect(commit(store(), hit(NOW, subject))).rejects.toThrow(TypeError);
      await expect(commit(store(), { type: 'throttle.put', row: { ...row, subject } })).rejects.toThrow(TypeError);
      expect(await store().throttles.get([subject])).toEqual([]);
    });

    describe('wrong proofs of somebody (SEC-57)', () => {
      const wrong = (at: number, credential = 1) => ({ ...hit(at), credential });
      const DAY = 86_400_000;
      const failures = async () => (await store().throttles.get([row.subject]))[0]?.failures;

      test('are counted in a row, however long that takes, and anew for other credentials', async () => {
        for (let day = 0; day < 3; day += 1) await mustCommit(store(), wrong(NOW + day * DAY));
        expect(await failures()).toEqual({ count: 3, credential: 1 });
        await mustCommit(store(), wrong(NOW + 3 * DAY, 2));
        expect(await failures()).toEqual({ count: 1, credential: 2 });
      });

      test('are forgiven by a right one, which leaves what counts for the lock, and by nothing once they are a hundred', async () => {
        const forgive = { type: 'throttle.forgive', subject: row.subject } as const;
        await mustCommit(store(), forgive);
        for (let at = 0; at < 3; at += 1) await mustCommit(store(), wrong(NOW));
        await mustCommit(store(), forgive);
        expect(await store().throttles.get([row.subject])).toMatchObject([{ hits: [NOW, NOW, NOW], rev: 4 }]);
        expect(await failures()).toBeUndefined();
        for (let day = 1; day <= 101; day += 1) await mustCommit(store(), wrong(NOW + day * DAY));
        await mustCommit(store(), forgive);
        expect(await failures()).toEqual({ count: 101, credential: 1 });
        await mustCommit(store(), { type: 'throttle.clear', subjects: [row.subject] });
        expect(await failures()).toBeUndefined();
      });

      test('of 50 at once are all counted', async () => {
        expect(
          await countWinners(
            store(),
            Array.from({ length: 50 }, () => [{ ...wrong(NOW), policy: never }]),
          ),
        ).toBe(50);
        expect(await failures()).toEqual({ count: 50, credential: 1 });
      });

      test('are kept for a year, when all that else counts has long been swept', async () => {
        await mustCommit(store(), wrong(NOW), hit(NOW, 'strangers:nobody'));
        await store().sweep(NOW + 364 * DAY, 100);
        expect(await store().throttles.get([row.subject, 'strangers:nobody'])).toHaveLength(1);
        await store().sweep(NOW + 366 * DAY, 100);
        expect(await store().throttles.get([row.subject])).toEqual([]);
      });

      test('of one source of strangers are kept for 30 days (SEC-25, SEC-87)', async () => {
        const subject = `${row.subject}:from:192.0.2.1`;
        await mustCommit(store(), { ...wrong(NOW), subject });
        await store().sweep(NOW + 29 * DAY, 100);
        expect(await store().throttles.get([subject])).toMatchObject([{ failures: { count: 1 } }]);
        await store().sweep(NOW + 31 * DAY, 100);
        expect(await store().throttles.get([subject])).toEqual([]);
      });
    });

    test('a commit that needs the subject unlocked is refused until the lock is over', async () => {
      await mustCommit(store(), { type: 'throttle.put', row });
      const unlocked = (now: number) => commit(store(), { type: 'throttle.unlocked', subjects: [row.subject], now });
      expect(await unlocked(NOW + 999)).toEqual(refusedAt('throttle.unlocked'));
      expect(await unlocked(NOW + 1_000)).toEqual({ committed: true });
      expect(await commit(store(), { type: 'throttle.unlocked', subjects: ['nobody'], now: NOW })).toEqual({
        committed: true,
      });
    });

    test('of 50 commits at once that count in two counters while both are unlocked, as many stand as the smaller one has left (SEC-87)', async () => {
      const left = 5;
      const limit = { ...policy, free: 100, most: left };
      const [small, large] = ['mail:one', 'mail:all'];
      const count = (subject: string, most: number) =>
        ({ type: 'throttle.hit', subject, policy: { ...limit, most }, at: NOW, onlyUnlocked: true }) as const;
      const commits = Array.from({ length: 50 }, (_, number) => {
        const hits = [count(small, left), count(large, 20)];
        return number % 2 === 0 ? hits : hits.reverse();
      });
      expect(await countWinners(store(), commits)).toBe(left);
      const rows = await store().throttles.get([small, large]);
      expect(rows.map(({ hits }) => hits.length)).toEqual([left, left]);
    });

    test('what is cleared is forgotten whatever it was, and a change of what was read before is refused', async () => {
      await mustCommit(store(), { type: 'throttle.put', row });
      await mustCommit(store(), { type: 'throttle.clear', subjects: ['nobody', row.subject] });
      const cleared = { ...row, hits: [], lockedUntil: 0, rev: 2 };
      expect(await store().throttles.get(['nobody', row.subject])).toEqual([cleared]);
      expect(await commit(store(), { type: 'throttle.put', row: { ...row, rev: 1 } })).toEqual(
        refusedAt('throttle.put'),
      );
      await mustCommit(store(), { type: 'throttle.clear', subjects: [] });
      await mustCommit(store(), { type: 'throttle.put', row: { ...row, rev: 2 } });
    });

    test('a hit that is taken back is that one alone, whatever was counted since, and a lock stays (SEC-27, A142)', async () => {
      const takeBack = (at: number) =>
        ({
          type: 'throttle.takeBack',
          hits: [
            { subject: 'nobody', at },
            { subject: row.subject, at },
          ],
        }) as const;
      const hits = [NOW - 5, NOW, NOW + 5];
      await mustCommit(store(), { type: 'throttle.put', row: { ...row, hits } });
      const left = async () => {
        const [{ rev: _, ...stored } = { rev: 0 }] = await store().throttles.get([row.subject]);
        return stored;
      };
      await mustCommit(store(), takeBack(NOW + 1), { type: 'throttle.takeBack', hits: [] });
      expect(await left()).toEqual({ subject: row.subject, hits, lockedUntil: NOW + 1_000 });
      for (const [at, rest] of [
        [NOW, [NOW - 5, NOW + 5]],
        [NOW + 5, [NOW - 5]],
        [NOW - 5, []],
      ] as const) {
        await mustCommit(store(), takeBack(at));
        expect(await left()).toEqual({ subject: row.subject, hits: rest, lockedUntil: NOW + 1_000 });
      }
      // A writer that has read the row before does not write the hit back.
      expect(await commit(store(), { type: 'throttle.put', row: { ...row, hits, rev: 1 } })).toEqual(
        refusedAt('throttle.put'),
      );
    });

    test('takes several hits of one row back in one change (SEC-27)', async () => {
      const hits = [NOW - 5, NOW, NOW + 5, NOW + 9];
      await mustCommit(store(), { type: 'throttle.put', row: { ...row, hits } });
      const back = [NOW - 5, NOW + 5, NOW + 9].map((at) => ({ subject: row.subject, at }));
      await mustCommit(store(), { type: 'throttle.takeBack', hits: back });
      expect(await store().throttles.get([row.subject])).toMatchObject([{ hits: [NOW] }]);
    });

    test('the audit trail of a user has the newest first, up to the limit, and nobody else’s rows', async () => {
      const full = auditEvent({
        event: 'PUSH_ANSWERED',
        journey: 'PushLogin',
        nodeType: 'PushWaitNode',
        nodeId: 'n1',
        outcome: 'approved',
        detail: { devices: 2, late: false, reason: 'not_me' },
      });
      await mustCommit(
        store(),
        { type: 'audit.append', event: auditEvent({ event: 'FIRST' }) },
        { type: 'audit.append', event: auditEvent({ event: 'SECOND' }) },
        { type: 'audit.append', event: auditEvent({ event: 'OTHER', userId: 'user-2' }) },
        { type: 'audit.append', event: full },
      );
      expect(await store().audit.ofUser('user-1', 2)).toEqual([full, auditEvent({ event: 'SECOND' })]);
    });

    test('the audit trail of a user is read on from where a page ended, by name and from a time on', async () => {
      const at = (n: number, event: string, userId = 'user-1') => auditEvent({ at: NOW + n, event, userId });
      const trail = [
        at(0, 'A'),
        at(1, 'B'),
        at(2, 'A', 'user-2'),
        at(3, 'C'),
        at(4, 'A'),
        at(5, 'A'),
        at(6, "A' OR '1"),
      ];
      await mustCommit(store(), ...trail.map((event) => ({ type: 'audit.append' as const, event })));
      const query = { events: ['A', 'B'], since: NOW, limit: 2 };
      const page = async (more: Partial<AuditQuery> = {}) =>
        (await store().audit.page('user-1', { ...query, ...more })).events;

      const first = await page();
      expect(first.map((event) => event.at - NOW)).toEqual([5, 4]);
      const second = await page({ before: first[1]?.place ?? '' });
      expect(second.map((event) => event.at - NOW)).toEqual([1, 0]);
      expect(await page({ before: second[1]?.place ?? '' })).toEqual([]);
      // What was appended meanwhile moves nothing.
      await mustCommit(store(), { type: 'audit.append', event: at(7, 'B') });
      expect(await page({ before: first[1]?.place ?? '' })).toEqual(second);
      expect((await page({ since: NOW + 5, limit: 9 })).map((event) => event.at - NOW)).toEqual([7, 5]);
      expect(await page({ events: [] })).toEqual([]);
      // Nothing stands before what is no place of the trail.
      for (const before of ['', 'newest', '-1', "' OR '1"]) expect(await page({ before })).toEqual([]);
      const { place, ...event } = second[1] ?? { place: undefined };
      expect([typeof place, event]).toEqual(['string', trail[0]]);
    });

    test('sign-ins that made their place known are found behind any number of other ends of journeys (SEC-86)', async () => {
      const end = (n: number, outcome: string, detail?: AuditEvent['detail']) =>
        auditEvent({ at: NOW + n, event: 'JOURNEY_END', outcome, ...(detail && { detail }) });
      const says = 'a browser that says "knownBy":"factor" of itself';
      const byFactor = [
        end(0, 'success', { address: '192.0.2.9', knownBy: 'factor' }),
        end(1, 'success', { knownBy: 'factor' }),
      ];
      const byPassword = end(2, 'success', { userAgent: 'x', knownBy: 'password' });
      const others = [
        end(3, 'success', { address: '192.0.2.1', userAgent: says }),
        end(4, 'success', { address: '192.0.2.1', noSession: true }),
        end(5, 'failure'),
        end(6, 'error'),
      ];
      const events = [...byFactor, byPassword, ...Array.from({ length: 40 }, () => others).flat()];
      await mustCommit(store(), ...events.map((event) => ({ type: 'audit.append' as const, event })));
      const found = (knownBy: 'factor' | 'any', given: { since?: number; limit?: number } = {}) =>
        store().audit.signIns('user-1', { knownBy, since: NOW, limit: 9, ...given });
      expect(await found('factor')).toEqual(byFactor.toReversed());
      expect(await found('any')).toEqual([...byFactor.toReversed(), byPassword]);
      expect(await found('factor', { since: NOW + 1 })).toEqual(byFactor.slice(1));
      expect(await found('factor', { limit: 1 })).toEqual(byFactor.slice(1));
      expect(await store().audit.signIns('user-2', { knownBy: 'any', since: NOW, limit: 9 })).toEqual([]);
    });

    test('sign-ins by the password alone hide none by a second factor (SEC-86)', async () => {
      const end = (n: number, knownBy: string) =>
        auditEvent({
          at: NOW + n,
          event: 'JOURNEY_END',
          outcome: 'success',
          detail: { address: '192.0.2.9', knownBy },
        });
      const byFactor = end(0, 'factor');
      const byPassword = Array.from({ length: 30 }, (_, n) => end(n + 1, 'password'));
      const events = [byFactor, ...byPassword];
      await mustCommit(store(), ...events.map((event) => ({ type: 'audit.append' as const, event })));
      const found = await store().audit.signIns('user-1', { knownBy: 'any', since: NOW, limit: 5 });
      expect(found).toEqual([byFactor, ...byPassword.slice(-5).toReversed()]);
    });

    test('only the end of a journey makes a place known, and only while its commit stands and its user is not erased (SEC-86)', async () => {
      const event = auditEvent({ at: NOW, event: 'JOURNEY_END', outcome: 'success', detail: { knownBy: 'factor' } });
      const found = () => store().audit.signIns('user-1', { knownBy: 'any', since: NOW, limit: 9 });
      const append = (it: AuditEvent) => ({ type: 'audit.append' as const, event: it });
      await mustCommit(store(), append({ ...event, event: 'SCRIPT' }));
      expect(await found()).toEqual([]);
      const locked = { subject: 'locked', hits: [NOW], lockedUntil: NOW + 1, rev: 0 };
      await mustCommit(store(), { type: 'throttle.put', row: locked });
      const refused = { type: 'throttle.unlocked' as const, subjects: ['locked'], now: NOW };
      expect(await store().committer.commit([append(event), refused])).toMatchObject({ committed: false });
      expect(await found()).toEqual([]);
      await mustCommit(store(), append(event));
      expect(await found()).toEqual([event]);
      await mustCommit(store(), { type: 'audit.erase', userId: 'user-1' });
      expect(await found()).toEqual([]);
    });

    test('the audit trail of a user is whole, however long the trail of all is', async () => {
      const trail = Array.from({ length: 1_300 }, (_, n) =>
        auditEvent({ at: NOW + n, event: n % 3 === 0 ? 'A' : 'B', userId: `user-${n % 2}` }),
      );
      for (let n = 0; n < trail.length; n += 50) {
        const some = trail.slice(n, n + 50);
        await mustCommit(store(), ...some.map((event) => ({ type: 'audit.append' as const, event })));
      }
      const mine = trail.filter(({ userId }) => userId === 'user-1').toReversed();
      expect(await store().audit.ofUser('user-1', 2_000)).toEqual(mine);
      expect(await store().audit.ofUser('user-1', 7)).toEqual(mine.slice(0, 7));
      const wanted = mine.filter(({ event }) => event === 'A').map(({ at }) => at);
      const seen: number[] = [];
      for (let before: string | undefined; ; ) {
        const query = { events: ['A'], since: NOW, limit: 40, ...(before !== undefined && { before }) };
        const page = await store().audit.page('user-1', query);
        seen.push(...page.events.map(({ at }) => at));
        before = page.next;
        if (before === undefined) break;
      }
      expect(seen).toEqual(wanted);
    });

    test('a page of the audit log reads a bounded number of rows of its user, and goes on behind them (SEC-93)', async () => {
      const most = MAX_AUDIT_ROWS_OF_PAGE;
      const wanted = [auditEvent({ at: NOW, event: 'A' }), auditEvent({ at: NOW + 1, event: 'A' })];
      const hidden = Array.from({ length: most }, (_, n) => auditEvent({ at: NOW + 2 + n, event: 'B' }));
      const others = Array.from({ length: 40 }, (_, n) => auditEvent({ at: NOW + n, event: 'A', userId: 'user-2' }));
      const trail = [...wanted, ...others, ...hidden];
      for (let n = 0; n < trail.length; n += 250) {
        const some = trail.slice(n, n + 250);
        await mustCommit(store(), ...some.map((event) => ({ type: 'audit.append' as const, event })));
      }
      const page = (more: Partial<AuditQuery> = {}) =>
        store().audit.page('user-1', { events: ['A'], since: NOW, limit: 9, ...more });
      const first = await page();
      expect([first.events, first.next]).toEqual([[], expect.any(String)]);
      let turns = 0;
      setImmediate(() => {
        turns += 1;
      });
      const second = await page({ before: first.next ?? '' });
      // Other requests had their turn before it was read.
      expect(turns).toBe(1);
      expect(second.events.map(({ place: _, ...event }) => event)).toEqual(wanted.toReversed());
      expect(second.next).toBeUndefined();
      // All names: the bound of rows is that of events, and no row is left out or told twice.
      const all = await store().audit.page('user-1', { since: NOW, limit: 2 * most });
      expect(all.events.map(({ at }) => at)).toEqual(hidden.map(({ at }) => at).toReversed());
      const rest = await store().audit.page('user-1', { since: NOW, limit: 9, before: all.next ?? '' });
      expect(rest.events.map(({ at }) => at)).toEqual([NOW + 1, NOW]);
      // Behind a row that is too old there is nothing to look for.
      expect(await page({ since: NOW + 3 })).toEqual({ events: [] });
    });
  });
};
