import { GRANTS_ENDED_AT_ONCE, MAX_GRANTS_OF_NOTHING, MAX_GRANTS_OF_USER, type OAuthGrant } from '@assent/oidc';
import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../../ports/store.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { activeGrant, commit, grantRow, mustCommit, mustCommitMany, NOW, refusedAt } from '../rows.ts';

const opened = (...rows: readonly OAuthGrant[]): readonly StoreChange[] =>
  rows.map((row) => ({ type: 'grant.open', row }));

const leftOf = async (store: Store, ...ids: readonly string[]): Promise<readonly string[]> => {
  const rows = await Promise.all(ids.map((id) => store.grants.get(id)));
  return rows.flatMap((row) => (row === undefined ? [] : [row.id]));
};

export const describeManyGrants = (open: OpenStore): void => {
  describe('many grants of a user', () => {
    const store = freshStore(open);

    test('so many of each strength live, and the first to end are those that are over, then the oldest of that strength (SEC-93)', async () => {
      const inSession = (id: string, given: Partial<OAuthGrant>) =>
        activeGrant({ id, sid: `sid of ${id}`, wantsLogoutNotice: true, ...given });
      const rows = [
        inSession('by password, newest', { rotatedAt: NOW - 1 }),
        inSession('over', { rotatedAt: NOW - 1, expiresAt: NOW }),
        grantRow({ id: 'code', sid: 'sid of a code', rotatedAt: NOW - 3 }),
        ...Array.from({ length: GRANTS_ENDED_AT_ONCE - 2 }, (_none, at) =>
          inSession(`old ${at}`, { amr: at % 2 === 0 ? ['pwd'] : ['pwd', 'added'], rotatedAt: NOW - 2 }),
        ),
      ];
      const others = [
        inSession('by a mailed code', { amr: ['pwd', 'otp'], rotatedAt: NOW - 9 }),
        inSession('by a tap', { amr: ['pwd', 'swk', 'user'], rotatedAt: NOW - 9 }),
        inSession('by several factors', { amr: ['pwd', 'otp', 'mfa'], rotatedAt: NOW - 9 }),
        grantRow({ id: 'code of several', sid: 'sid of code', amr: ['pwd', 'otp', 'mfa'], rotatedAt: NOW - 9 }),
        inSession('of a guest', { amr: [], rotatedAt: NOW - 9 }),
        inSession('of another user', { userId: 'user-2', rotatedAt: NOW - 9 }),
      ];
      const filling = Array.from({ length: MAX_GRANTS_OF_USER - rows.length }, (_none, at) =>
        inSession(`newer ${at}`, {}),
      );
      await mustCommitMany(store(), opened(...others, ...rows, ...filling));
      const names = [...others, ...rows, ...filling].map(({ id }) => id);
      expect(await leftOf(store(), ...names)).toEqual(names);
      expect(await commit(store(), ...opened(grantRow({ id: 'code' })))).toEqual(refusedAt('grant.open'));
      expect(await leftOf(store(), ...names)).toEqual(names);

      await mustCommit(store(), ...opened(grantRow({ id: 'one-more', sid: 'sid-1' })));
      const left = [...others, ...rows.slice(0, 1), ...filling].map(({ id }) => id);
      expect(await leftOf(store(), ...names, 'one-more')).toEqual([...left, 'one-more']);
      const told = await store().outbox.due(NOW, MAX_GRANTS_OF_USER, MAX_GRANTS_OF_USER);
      expect(told).toHaveLength(GRANTS_ENDED_AT_ONCE - 1);
    });

    test('those of more proof have a bound of their own, and end others of more proof alone (SEC-93)', async () => {
      const byPassword = Array.from({ length: 3 }, (_none, at) =>
        activeGrant({ id: `password ${at}`, sid: `sid of password ${at}`, rotatedAt: NOW - 9 }),
      );
      const proven = Array.from({ length: MAX_GRANTS_OF_USER }, (_none, at) =>
        activeGrant({ id: `proven ${at}`, sid: `sid ${at}`, amr: ['user', 'pop', 'mfa'], rotatedAt: NOW + at }),
      );
      const more = activeGrant({ id: 'one more', sid: 'sid of one more', amr: ['pwd', 'otp'] });
      await mustCommitMany(store(), opened(...byPassword, ...proven, more));
      const left = [...byPassword, ...proven.slice(GRANTS_ENDED_AT_ONCE), more].map(({ id }) => id);
      expect(await leftOf(store(), ...[...byPassword, ...proven, more].map(({ id }) => id))).toEqual(left);
    });

    test('of guests, who are all one user, more live, and one more in 64 ends the oldest of those alone (SEC-93)', async () => {
      const own = activeGrant({ id: 'own', clientId: 'own', rotatedAt: NOW - 99 });
      const guests = Array.from({ length: MAX_GRANTS_OF_NOTHING }, (_none, at) => {
        const { sid, ...row } = activeGrant({
          id: `guest ${at}`,
          sid: `sid ${at % 350}`,
          clientId: `app ${at}`,
          amr: at % 2 === 0 ? [] : ['added'],
          rotatedAt: NOW - MAX_GRANTS_OF_NOTHING + at,
        });
        // One in a session looks at the others of it first, through all of the user where the server has counted no rows yet.
        return at < 700 && sid !== undefined ? { ...row, sid } : row;
      });
      const offline = activeGrant({ id: 'offline', clientId: 'offline', amr: [] });
      delete (offline as { sid?: string }).sid;
      await mustCommit(store(), ...opened(own));
      await mustCommitMany(store(), opened(...guests));
      await mustCommit(store(), ...opened(offline));
      const looked = [...guests.slice(0, GRANTS_ENDED_AT_ONCE + 20), ...guests.slice(-20)].map(({ id }) => id);
      const names = ['own', 'offline', ...looked];
      expect(await leftOf(store(), ...names)).toEqual(names);
      const held = await store().grants.heldOf({ userId: 'user-1', credentialRev: 1 }, { now: NOW, limit: 99_999 });
      expect(held.map(({ clientId }) => clientId).sort()).toEqual(
        ['own', 'offline', ...guests.map(({ clientId }) => clientId)].sort(),
      );
      const counting = activeGrant({ id: 'A one more', sid: 'sid of one more', amr: [] });
      await mustCommit(store(), ...opened(counting));
      expect(await leftOf(store(), ...names, counting.id)).toEqual([
        'own',
        'offline',
        ...looked.slice(GRANTS_ENDED_AT_ONCE),
        counting.id,
      ]);
    });
  });
};
