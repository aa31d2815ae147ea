import { GRANTS_ENDED_AT_ONCE, MAX_GRANTS_OF_USER, type OAuthGrant } from '@assent/oidc';
import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../../ports/store.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { activeGrant, commit, grantRow, mustCommit, NOW, refusedAt } from '../rows.ts';

const opened = (...rows: readonly OAuthGrant[]): readonly StoreChange[] =>
  rows.map((row) => ({ type: 'grant.open', row }));

const leftOf = async (store: Store, ...ids: readonly string[]): Promise<readonly string[]> => {
  const rows = await Promise.all(ids.map((id) => store.grants.get(id)));
  return rows.flatMap((row) => (row === undefined ? [] : [row.id]));
};

export const describeManyGrants = (open: OpenStore): void => {
  describe('many grants of a user', () => {
    const store = freshStore(open);

    test('of one user so many live, and the first to end are those that are over, then those without several factors, the oldest first (SEC-93)', async () => {
      const inSession = (id: string, given: Partial<OAuthGrant>) =>
        activeGrant({ id, sid: `sid of ${id}`, amr: ['pwd', 'otp', 'mfa'], wantsLogoutNotice: true, ...given });
      const rest = GRANTS_ENDED_AT_ONCE - 3;
      const rows = [
        inSession('proven, oldest', { rotatedAt: NOW - 9 }),
        inSession('over', { rotatedAt: NOW - 1, expiresAt: NOW }),
        grantRow({ id: 'proven code', sid: 'sid of a proven code', amr: ['pwd', 'otp', 'mfa'], rotatedAt: NOW - 9 }),
        grantRow({ id: 'code', sid: 'sid of a code', rotatedAt: NOW - 3 }),
        inSession('by a tap', { amr: ['pwd', 'swk', 'user'], rotatedAt: NOW - 3 }),
        inSession('by password, newest', { amr: ['pwd', 'added'], rotatedAt: NOW - 1 }),
        ...Array.from({ length: rest }, (_none, at) =>
          inSession(`by password ${at}`, { amr: ['pwd'], rotatedAt: NOW - 2 }),
        ),
      ];
      const proven = Array.from({ length: MAX_GRANTS_OF_USER - rows.length }, (_none, at) =>
        inSession(`proven ${at}`, {}),
      );
      await mustCommit(store(), ...opened(...rows, ...proven));
      const names = [...rows, ...proven].map(({ id }) => id);
      expect(await leftOf(store(), ...names)).toEqual(names);
      expect(await commit(store(), ...opened(grantRow({ id: 'code' })))).toEqual(refusedAt('grant.open'));
      expect(await leftOf(store(), ...names)).toEqual(names);

      const others = activeGrant({ id: 'of another', userId: 'user-2' });
      await mustCommit(store(), ...opened(others, grantRow({ id: 'one-more', sid: 'sid-1' })));
      const left = ['proven, oldest', 'proven code', 'by password, newest', ...proven.map(({ id }) => id)];
      expect(await leftOf(store(), ...names, 'one-more', 'of another')).toEqual([...left, 'one-more', 'of another']);
      const told = await store().outbox.due(NOW, MAX_GRANTS_OF_USER, MAX_GRANTS_OF_USER);
      expect(told).toHaveLength(rest + 2);
    });

    test('are not counted where their sessions prove nothing, since guests are one user; all of them are listed (SEC-93)', async () => {
      const proven = activeGrant({ id: 'proven', clientId: 'own' });
      const guests = Array.from({ length: 2 * MAX_GRANTS_OF_USER + 50 }, (_none, at) =>
        activeGrant({ id: `guest ${at}`, sid: `sid ${at % 700}`, clientId: `app ${at}`, amr: [], rotatedAt: NOW - 9 }),
      );
      const offline = activeGrant({ id: 'offline', clientId: 'offline', amr: [] });
      delete (offline as { sid?: string }).sid;
      await mustCommit(store(), ...opened(proven, offline, ...guests));
      const names = ['proven', 'offline', ...guests.map(({ id }) => id)];
      expect(await leftOf(store(), ...names)).toEqual(names);
      const held = await store().grants.heldOf({ userId: 'user-1', credentialRev: 1 }, { now: NOW, limit: 9_999 });
      expect(held.map(({ clientId }) => clientId).sort()).toEqual(
        ['own', 'offline', ...guests.map(({ clientId }) => clientId)].sort(),
      );
    });
  });
};
