import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../../ports/store.ts';
import { isCreating } from '../../sql/all-changes.ts';
import { settingsOf } from '../describe-configuration.ts';
import type { OpenTwoStores } from '../describe-races.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { commit, configuring, mustCommit, newUser, refusedAt } from '../rows.ts';
import { World } from './world.ts';

const ROUNDS = 20;
const CREATED_AT_ONCE = 12;

const refusedByRealm = (realm: string) => ({ committed: false, refused: 'realm.usable', realm });
const switchRealm = (store: Store, realm: string, active: boolean): Promise<boolean> =>
  configuring(store).saveRealm(settingsOf(realm, { active }));

const make = async (store: Store, name: string): Promise<World> => {
  const world = new World(name);
  await mustCommit(store, world.realmMade(await store.configuration.version()));
  await mustCommit(store, ...world.made());
  return world;
};
/** One change of each type that creates something in the realm. A new request to phones ends the one that is answered, so it is last. */
const creating = (world: World): readonly StoreChange[] => {
  const { 'push.open': request, ...others } = world.changes(0);
  return [...Object.values(others), request].filter(isCreating);
};

const usable = (realm: string): StoreChange => ({ type: 'realm.usable', realm });

/** SEC-89: a realm that is switched off is not outrun by what is under way. */
export const describeSwitchedOffRealms = (open: OpenStore, openTwo: OpenTwoStores): void => {
  describe('a realm that is switched off', () => {
    const store = freshStore(open);

    test('refuses each change that creates something there, and takes it once it is on again (SEC-89)', async () => {
      const world = await make(store(), 'alpha');
      await switchRealm(store(), world.realm, false);
      const changes = creating(world);
      expect(changes).toHaveLength(12);
      for (const change of changes)
        expect([change.type, await commit(store(), change)]).toEqual([change.type, refusedByRealm(world.realm)]);
      await switchRealm(store(), world.realm, true);
      for (const change of changes)
        expect([change.type, (await commit(store(), change)).committed]).toEqual([change.type, true]);
    });

    test('refuses all of a commit with such a change, wherever it stands (SEC-89)', async () => {
      const world = await make(store(), 'alpha');
      const { realm } = world;
      await switchRealm(store(), realm, false);
      const step = world.changes(0)['journey.advance'];
      const user = newUser({ id: 'late', realm, username: 'late' });
      for (const changes of [
        [user, step],
        [step, user],
      ])
        expect(await commit(store(), ...changes)).toEqual(refusedByRealm(realm));
      expect(await store().identities.findById('late')).toBeUndefined();
    });

    test('leaves other realms alone, and ends there what is ended (SEC-89)', async () => {
      const [world, other] = [await make(store(), 'alpha'), await make(store(), 'beta')];
      await switchRealm(store(), world.realm, false);
      const byType = world.changes(0);
      const ends = [byType['session.end'], byType['grant.end'], byType['push.close'], byType['identity.active']];
      for (const change of [...creating(other), ...ends, { ...byType['pendingApproval.decide'], approved: undefined }])
        expect([change.type, (await commit(store(), change as StoreChange)).committed]).toEqual([change.type, true]);
    });

    test('tells what else refused a change where the realm does not (SEC-89)', async () => {
      const world = await make(store(), 'alpha');
      const again = world.made().filter((change) => change.type !== 'push.answer' && isCreating(change));
      expect(new Set(again.map(({ type }) => type)).size).toBe(8);
      for (const change of again.filter(({ type }) => type !== 'pendingApproval.decide'))
        expect(await commit(store(), change)).toEqual(refusedAt(change.type));
    });

    test('is not usable, nor is a realm that is not there, nor one that is deleted (SEC-89)', async () => {
      const { realm } = await make(store(), 'alpha');
      expect(await commit(store(), usable(realm))).toEqual({ committed: true });
      await switchRealm(store(), realm, false);
      const user = newUser({ id: 'late', realm, username: 'late' });
      expect(await commit(store(), usable(realm), user)).toEqual(refusedByRealm(realm));
      expect(await commit(store(), usable('/'), usable(realm))).toEqual(refusedByRealm('/'));
      await switchRealm(store(), realm, true);
      expect(await commit(store(), usable(realm), user)).toEqual({ committed: true });
      await configuring(store()).deleteRealm(realm);
      expect(await commit(store(), usable(realm))).toEqual(refusedByRealm(realm));
    });
  });

  describe('a realm that is switched off while others create', () => {
    /** What of it is there. */
    const found = async (store: Store, ids: readonly string[]): Promise<readonly string[]> => {
      const reads: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
        session: (id) => store.sessions.get(id),
        journey: (id) => store.journeySessions.get(id),
        grant: (id) => store.grants.get(id),
        user: (id) => store.identities.findById(id),
      };
      const named = ids.flatMap((id) =>
        Object.entries(reads).map(([kind, read]) => ({ name: `${kind} ${id}`, id, read })),
      );
      const there = await Promise.all(
        named.map(async ({ name, id, read }) => ((await read(id)) === undefined ? [] : [name])),
      );
      return there.flat().sort();
    };
    const creations = (world: World, id: string): readonly (readonly StoreChange[])[] => [
      [{ type: 'session.insert', row: world.session({ tokenHash: id, handle: id, sid: id }) }],
      [{ type: 'journey.insert', row: { ...world.journey(), id } }],
      [{ type: 'grant.open', row: { ...world.changes(0)['grant.open'].row, id, sid: id } }],
      [usable(world.realm), newUser({ id, realm: world.realm, username: id })],
    ];

    test('has nothing created after the answer of who switched it off (SEC-89)', async () => {
      const [one, other] = await openTwo();
      for (let round = 1; round <= ROUNDS; round += 1) {
        const world = await make(one, `round${round}x`);
        const ids = Array.from({ length: CREATED_AT_ONCE }, (_, at) => `${at} of ${world.realm}`);
        const begin = (some: readonly string[]) =>
          some.flatMap((id, at) =>
            creations(world, id).map((changes) => commit(at % 2 === 0 ? one : other, ...changes)),
          );
        const early = begin(ids.slice(0, CREATED_AT_ONCE / 2));
        const off = switchRealm(other, world.realm, false);
        const late = begin(ids.slice(CREATED_AT_ONCE / 2));
        expect(await off).toBe(true);
        const then = await found(one, ids);
        const results = await Promise.all([...early, ...late]);
        expect(await found(one, ids)).toEqual(then);
        expect(results.filter(({ committed }) => committed)).toHaveLength(then.length);
        const after = await Promise.all(creations(world, 'after').map((changes) => commit(one, ...changes)));
        for (const result of [...results.filter(({ committed }) => !committed), ...after])
          expect(result).toEqual(refusedByRealm(world.realm));
      }
      await one.close();
      await other.close();
    });
  });
};
