import { describe, expect, test } from 'vitest';
import type { StoreChange } from '../../ports/store.ts';
import { accountOf } from '../../rules/throttle-subjects.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import {
  auditEvent,
  commit,
  journeyRow,
  messageRow,
  mustCommit,
  NOW,
  newUser,
  refusedAt,
  sealAll,
  sessionRow,
} from '../rows.ts';
import { World } from './world.ts';

const stateOf = (shared: object, more: object = {}) =>
  `{"sent":[]}\n${JSON.stringify({ shared, secure: {}, node: 'a', parameters: {}, sessionOptions: {}, visited: [], ...more })}`;

export const describeErasures = (open: OpenStore): void => {
  describe('a user who is erased (security-reliability §7)', () => {
    const store = freshStore(open);
    const user = { id: 'user-1', realm: '/alpha', username: 'demo' };
    const erase = (given: Partial<Extract<StoreChange, { type: 'identity.erase' }>> = {}): StoreChange => ({
      type: 'identity.erase',
      id: 'user-1',
      realm: '/alpha',
      at: NOW,
      journeys: [],
      ...given,
    });

    test('leaves no row of any kind, and nobody else loses one', async () => {
      const [ours, others] = [new World('ours'), new World('others')];
      for (const world of [ours, others]) await mustCommit(store(), ...world.made());
      const account = accountOf(ours.realm, ours.of('demo'));
      const counters = [`password:${ours.user}:place`, `password:${account}`, `password:${others.user}`];
      await mustCommit(
        store(),
        ...counters.map((subject) => ({
          type: 'throttle.put' as const,
          row: { subject, hits: [NOW], lockedUntil: 0, rev: 0 },
        })),
      );
      await mustCommit(store(), { type: 'push.close', request: ours.of('message'), reason: 'exit' });
      const journeys = [ours.of('journey')];
      await mustCommit(store(), erase({ id: ours.user, realm: ours.realm, journeys }));
      const left = async (world: World) => {
        const { of, user: id, realm } = { of: world.of.bind(world), user: world.user, realm: world.realm };
        const { identities, sessions, devices, oathDevices, passkeys, boundDevices, messages } = store();
        const { journeySessions, backChannels, grants, consents, outbox } = store();
        return [
          await identities.findById(id),
          await identities.find(realm, of('demo')),
          await identities.passwordHash(id),
          (await identities.page(realm, { attribute: 'mail', value: 'demo@example.com', limit: 1 })).users[0],
          await sessions.get(of('token')),
          await devices.get(of('device')),
          await devices.get(of('pending')),
          (await devices.codesOfUser(id))[0],
          (await oathDevices.ofUser(id))[0],
          (await passkeys.ofUser(id))[0],
          await passkeys.byCredentialId(realm, of('credential of passkey')),
          (await boundDevices.ofUser(id))[0],
          await messages.get(of('message')),
          await messages.get(of('message b')),
          await messages.get(of('registration')),
          await journeySessions.get(of('journey')),
          await backChannels.get(of('channel')),
          await grants.get(of('grant')),
          await consents.get(id, 'app'),
          await outbox.find(of('entry')),
        ];
      };
      expect((await left(ours)).filter((it) => it !== undefined)).toEqual([]);
      expect((await left(others)).includes(undefined)).toBe(false);
      expect((await store().throttles.get(counters)).map(({ subject }) => subject)).toEqual([counters[2]]);
      expect(await store().erasures.list(9)).toEqual([{ userId: ours.user, realm: ours.realm, at: NOW }]);
    });

    test('is erased once more without an error, and who is gone already is erased, too', async () => {
      await mustCommit(store(), newUser(), { type: 'session.insert', row: sessionRow() });
      await mustCommit(store(), { type: 'identity.delete', id: 'user-1' });
      // What an instance wrote that had not heard of it yet.
      await mustCommit(store(), { type: 'push.open', rows: [messageRow()] });
      await mustCommit(store(), erase());
      await mustCommit(store(), erase({ at: NOW + 1 }));
      expect(await store().messages.get('AUTHENTICATE:1')).toBeUndefined();
      expect(await store().erasures.list(9)).toEqual([{ userId: 'user-1', realm: '/alpha', at: NOW }]);
    });

    test('is brought back by no import under that id, with nobody of its batch', async () => {
      const [world, others] = [new World('ours'), new World('others')];
      const person = world.brought('person');
      await mustCommit(store(), erase({ id: person.id, realm: person.realm }));
      const refused = await commit(store(), { type: 'users.insert', users: [others.brought('one'), person] });
      expect(refused).toEqual(refusedAt('users.insert'));
      expect(await store().identities.findById(person.id)).toBeUndefined();
      expect(await store().identities.findById(others.brought('one').id)).toBeUndefined();
      await mustCommit(store(), { type: 'users.insert', users: [others.brought('one')] });
    });

    test('who is brought at the same moment is there or erased, and never both', async () => {
      const people = Array.from({ length: 8 }, (_, at) => new World(`of ${at}`).brought('person'));
      await Promise.all(
        people.flatMap((person) => [
          commit(store(), { type: 'users.insert', users: [person] }),
          commit(store(), erase({ id: person.id, realm: person.realm })),
        ]),
      );
      expect((await store().erasures.list(99)).map(({ userId }) => userId).sort()).toEqual(
        people.map(({ id }) => id).sort(),
      );
      for (const { id } of people) {
        expect(await store().identities.findById(id)).toBeUndefined();
        expect(await store().devices.ofUser(id)).toEqual([]);
      }
    });

    test('keeps the lines of the trail, without what is personal in them', async () => {
      const told = auditEvent({ userId: 'user-1', outcome: 'success', detail: { address: '192.0.2.7' } });
      const others = auditEvent({ userId: 'user-2', detail: { by: 'user-1' } });
      for (let at = 0; at < 3; at += 1) await mustCommit(store(), { type: 'audit.append', event: told });
      await mustCommit(store(), { type: 'audit.append', event: others });
      const said = auditEvent({ event: 'ERASE', userId: 'user-1', detail: { by: 'command line' } });
      const erased: StoreChange[] = [
        { type: 'audit.erase', userId: 'user-1' },
        { type: 'audit.append', event: said },
      ];
      await mustCommit(store(), ...erased);
      await mustCommit(store(), ...erased);
      const { detail: _, ...bare } = told;
      expect(await store().audit.ofUser('user-1', 9)).toEqual([said, said, bare, bare, bare]);
      expect(await store().audit.ofUser('user-2', 9)).toEqual([others]);
    });

    test('leaves nothing personal in what is told of them later, sealed or not, but for the erasure', async () => {
      const told = auditEvent({ userId: 'user-1', outcome: 'failure', detail: { address: '192.0.2.7' } });
      const others = auditEvent({ userId: 'user-2', detail: { address: '192.0.2.8' } });
      const said = auditEvent({ event: 'ERASE', userId: 'user-1', detail: { by: 'command line' } });
      await mustCommit(store(), newUser(), erase());
      await mustCommit(
        store(),
        ...[said, told, others, told].map((event) => ({ type: 'audit.append' as const, event })),
      );
      await mustCommit(store(), { type: 'audit.append', event: told });
      const { detail: _, ...bare } = told;
      expect(await store().audit.ofUser('user-1', 9)).toEqual([bare, bare, bare, said]);
      expect(await store().audit.ofUser('user-2', 9)).toEqual([others]);
    });

    test('who is erased while others tell of them has lines without what is personal, once the trail is sealed', async () => {
      const told = auditEvent({ userId: 'user-1', detail: { address: '192.0.2.7' } });
      const erased: StoreChange[] = [erase(), { type: 'audit.erase', userId: 'user-1' }];
      await mustCommit(store(), newUser());
      const append: StoreChange = { type: 'audit.append', event: told };
      await Promise.all(
        Array.from({ length: 40 }, (_, at) =>
          at === 20 ? mustCommit(store(), ...erased) : mustCommit(store(), append),
        ),
      );
      await sealAll(store());
      const { detail: _, ...bare } = told;
      expect(await store().audit.ofUser('user-1', 99)).toEqual(Array(39).fill(bare));
    });

    test('is as before where a commit is refused that erases', async () => {
      const event = auditEvent({ userId: 'user-1', detail: { address: '192.0.2.7' } });
      await mustCommit(store(), newUser(), { type: 'audit.append', event });
      const stale: StoreChange = { type: 'identity.unchanged', id: 'user-2', seenRev: 1 };
      const erased: StoreChange = { type: 'audit.erase', userId: 'user-1' };
      expect(await commit(store(), erase(), erased, stale)).toEqual(refusedAt('identity.unchanged'));
      expect(await store().identities.findById('user-1')).toBeDefined();
      expect(await store().audit.ofUser('user-1', 9)).toEqual([event]);
      expect(await store().erasures.list(9)).toEqual([]);
    });

    test('is known by id afterwards, and whoever has the name next is somebody else', async () => {
      await mustCommit(store(), newUser());
      await mustCommit(store(), erase());
      await mustCommit(store(), newUser({ id: 'user-2' }));
      expect(await store().identities.find('/alpha', 'demo')).toMatchObject({ id: 'user-2' });
      expect(await store().erasures.among(['user-2', 'user-1', 'x'])).toEqual(['user-1']);
      await mustCommit(store(), erase({ id: 'user-0' }));
      expect((await store().erasures.list(1)).map(({ userId }) => userId)).toEqual(['user-0']);
      expect((await store().erasures.list(9, 'user-0')).map(({ userId }) => userId)).toEqual(['user-1']);
    });

    const row = (id: string, state: string, given = {}) => journeyRow({ id, state, ...given });
    const all = async () => [...(await store().journeySessions.ofUser(user))].sort();

    test('has journeys under way that know the user by id or name, in the realm', async () => {
      await mustCommit(
        store(),
        ...[
          row('by name', stateOf({ username: 'DEMO' })),
          row('by attributes', stateOf({ objectAttributes: { userName: 'ｄｅｍｏ' } })),
          row('by id', stateOf({}, { identity: 'user-1' })),
          row('by a factor', stateOf({}, { factors: [{ user: 'user-1', at: 1 }] })),
          row('of another', stateOf({ username: 'demo2' }, { identity: 'user-10' })),
          row('of nobody', stateOf({})),
          row('elsewhere', stateOf({ username: 'demo' }), { realm: '/beta' }),
          row('over', '', { ended: true }),
        ].map((it) => ({ type: 'journey.insert' as const, row: it })),
      );
      expect(await all()).toEqual(['by a factor', 'by attributes', 'by id', 'by name']);
      await mustCommit(store(), newUser(), erase({ journeys: await all() }));
      expect(await all()).toEqual([]);
      expect(await store().journeySessions.get('of another')).toBeDefined();
      const next = row('by name', stateOf({}), { nonce: 'nonce-2' });
      expect(await commit(store(), { type: 'journey.advance', row: next, seenNonce: 'nonce-1' })).toEqual(
        refusedAt('journey.advance'),
      );
    });

    test('has them also where there are more than are looked through at once', async () => {
      const journeys = Array.from({ length: 401 }, (_, at) =>
        row(`j${at}`, stateOf({ username: at % 2 ? 'demo' : 'x' })),
      );
      await mustCommit(store(), ...journeys.map((it) => ({ type: 'journey.insert' as const, row: it })));
      expect(await all()).toHaveLength(200);
    });
  });
};
