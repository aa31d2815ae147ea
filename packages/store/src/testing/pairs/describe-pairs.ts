import type { PushMessage } from '@assent/push';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeType, Store, StoreChange } from '../../ports/store.ts';
import { openMemoryStore } from '../../sqlite/memory-store.ts';
import { settingsOf } from '../describe-configuration.ts';
import type { OpenTwoStores } from '../describe-races.ts';
import { auditEvent, commit, configuring, mustCommit, NOW } from '../rows.ts';
import { World } from './world.ts';

/** What is set against every type of change, and gives `undefined` where it was refused. */
type Opponent = (store: Store, world: World, seenVersion: number) => Promise<unknown>;

const asked =
  (changesOf: (world: World, seenVersion: number) => readonly StoreChange[]): Opponent =>
  async (store, world, seenVersion) =>
    (await commit(store, ...changesOf(world, seenVersion))).committed;

/** As `assent import users` brings people: all of a batch, or none. */
const people = (world: World): readonly StoreChange[] => [
  { type: 'users.insert', users: [world.brought('another'), world.brought('third')] },
  { type: 'audit.append', event: auditEvent({ realm: world.realm, userId: world.of('imported third') }) },
];

/** `ASSENT_TEST_PAIRS=all` sets each of them against every type; otherwise against those that have something in common with it. */
const ALL = process.env.ASSENT_TEST_PAIRS === 'all';
const OF_REALMS = [
  'configuration.',
  'identity.insert',
  'parked.',
  'pendingApproval.',
  'proposal.',
  'signingKey.',
  'metadata.',
];

const opponents: Readonly<Record<string, { readonly begin: Opponent; readonly topics: readonly string[] }>> = {
  'a better hash of a password': {
    begin: asked(({ user }) => [
      { type: 'identity.usable', id: user, credentialRev: 1 },
      { type: 'identity.rehash', id: user, seenHash: 'old', hash: 'best' },
    ]),
    topics: ['identity.', 'session.', 'device.', 'oath.', 'push.closeUser'],
  },
  'an import of users': {
    begin: asked(people),
    topics: ['identity.', 'users.', 'device.', 'oath.', 'passkey.insert', 'bound.insert', 'codes.', 'configuration.'],
  },
  'the removal of a passkey and of a bound device (WA-32)': {
    begin: asked((world) => [
      { type: 'passkey.delete', uuid: world.of('passkey') },
      { type: 'bound.delete', realm: world.realm, uuid: world.of('kid') },
    ]),
    topics: ['passkey.', 'bound.', 'codes.', 'identity.delete'],
  },
  'the erasure of the user': {
    begin: asked((world) => {
      const { realm, user } = world;
      return [
        { type: 'identity.erase', id: user, realm, at: NOW, journeys: [world.of('journey')] },
        { type: 'audit.erase', userId: user },
        { type: 'audit.append', event: auditEvent({ event: 'ERASE', realm, userId: user }) },
      ];
    }),
    topics: [
      'session.',
      'journey.',
      'device.insert',
      'passkey.',
      'bound.',
      'push.open',
      'push.answer',
      'grant.',
      'users.',
    ],
  },
  'an import into the realm': {
    begin: asked((world, seenVersion) => [
      { ...world.carried(world.realm, seenVersion), putRealm: settingsOf(world.realm, { locale: 'fr' }) },
    ]),
    topics: OF_REALMS,
  },
  'an import of another realm': {
    begin: asked((world, seenVersion) => {
      const realm = `${world.realm}/new`;
      return [{ ...world.carried(realm, seenVersion), createRealm: settingsOf(realm) }];
    }),
    topics: OF_REALMS,
  },
  'the end of the realm': {
    begin: asked(({ realm }, seenVersion) => [{ type: 'configuration.change', seenVersion, deleteRealm: realm }]),
    topics: ['configuration.', 'identity.', 'users.'],
  },
};

/** Makes the world of a pair; what the version of the configuration is then. */
const make = async (store: Store, world: World): Promise<number> => {
  await mustCommit(store, world.realmMade(await store.configuration.version()));
  await mustCommit(store, ...world.made());
  return store.configuration.version();
};

/** What is over is swept in minutes, and until then nobody asks for more of it than how it ended. */
const messageAsSeen = (message: PushMessage | undefined, isThere: boolean): unknown => {
  if (message?.state !== 'closed' && message?.state !== 'consumed') return message;
  return isThere ? message.state : undefined;
};

/** All of a world that can be read, as far as it does not tell of other worlds. */
const seen = async (store: Store, world: World, seenVersion: number): Promise<unknown> => {
  const { realm, user } = world;
  const of = (what: string) => world.of(what);
  const isOurs = (it: { readonly realm: string }) => it.realm === realm || it.realm.startsWith(`${realm}/`);
  const { version, emptied: _, ...documents } = await store.configuration.load();
  const isThere = (await store.identities.findById(user)) !== undefined;
  const users = [user, of('another user'), of('imported another'), of('imported third'), of('imported fourth')];
  const all = <T>(names: readonly string[], read: (name: string) => Promise<T>) => Promise.all(names.map(read));
  return {
    version: version - seenVersion,
    documents: Object.values(documents).map((rows: readonly { readonly realm: string }[]) =>
      sorted(rows.filter(isOurs)),
    ),
    nodes: sorted((await store.configuration.loadNodes()).nodes.filter(isOurs)),
    users: await all(users, (id) => store.identities.findById(id)),
    hashes: await all(users, (id) => store.identities.passwordHash(id)),
    names: await all(['demo', 'renamed', 'another', 'third', 'fourth'], (name) =>
      store.identities.find(realm, of(name)),
    ),
    devices: await all(users, (id) => store.devices.ofUser(id)),
    pending: await store.devices.get(of('pending')),
    oath: await all(users, (id) => store.oathDevices.ofUser(id)),
    passkeys: await all(users, (id) => store.passkeys.ofUser(id)),
    bound: await all(users, (id) => store.boundDevices.ofUser(id)),
    codes: await store.devices.countCodes(user, 'push'),
    journeys: await all(['journey', 'another journey'], (id) => store.journeySessions.get(of(id))),
    sessions: await all(['token', 'token 2', 'token 3'], (token) => store.sessions.get(of(token))),
    messages: (
      await all(['message', 'message b', 'message 2', 'registration'], (id) => store.messages.get(of(id)))
    ).map((message) => messageAsSeen(message, isThere)),
    counters: await store.throttles.get([of('counter')]),
    channels: await all(['channel', 'channel 2'], (id) => store.backChannels.get(of(id))),
    grants: await all(['code grant', 'grant', 'grant 2'], (id) => store.grants.get(of(id))),
    parked: await all(['parked', 'parked 2'], (id) => store.parkedRequests.get(of(id))),
    proposals: await all(['proposal', 'proposal 2'], (id) => store.proposals.get(realm, of(id))),
    approvals: await all(['pending', 'pending 2', 'approved'], (id) => store.pendingApprovals.get(of(id))),
    consents: await store.consents.get(user, 'app'),
    keys: await store.signingKeys.ofRealm(realm),
    metadata: await store.authenticatorMetadata.get(realm, 0),
    entries: await all(['entry', 'entry 2', 'dead'], (id) => store.outbox.find(of(id))),
    proofs: await store.replays.has(of('proof')),
    trail: (await all(users, (id) => store.audit.ofUser(id, 9))).map((events) => events.length),
  };
};

/** Members and documents in one order, and one to a line. */
const text = (value: unknown): string => JSON.stringify(inOrder(value), undefined, 1);
const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, it]) => [name, inOrder(it)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};
const sorted = (documents: readonly unknown[]): readonly unknown[] =>
  documents.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
const applied = async (store: Store, change: StoreChange): Promise<boolean> => (await commit(store, change)).committed;

/** What comes of both where one comes after the other, by the store that does one thing at a time. */
const oneByOne = async (type: ChangeType, opponent: Opponent, isFirst: boolean): Promise<string> => {
  const store = await openMemoryStore();
  const world = new World('pair');
  const seenVersion = await make(store, world);
  const change = (): Promise<boolean> => applied(store, world.changes(seenVersion)[type]);
  const before = isFirst ? await change() : undefined;
  const theirs = await opponent(store, world, seenVersion);
  const ours = before ?? (await change());
  const end = text([ours, theirs, await seen(store, world, seenVersion)]);
  await store.close();
  return end;
};

/** The first lines that are not the same. */
const differenceOf = (found: string, wanted: string): string => {
  const lines = wanted.split('\n');
  const differing = found.split('\n').flatMap((line, at) => (line === lines[at] ? [] : [`${line} / ${lines[at]}`]));
  return differing.slice(0, 6).join('\n');
};

const TYPES = Object.keys(new World('pair').changes(0)) as readonly ChangeType[];

/** Commits of two instances that meet end as if one had come after the other, whatever each of them is (OPS-07). */
export const describePairs = (open: OpenTwoStores): void => {
  describe('every type of change', () => {
    let one: Store;
    let other: Store;
    beforeAll(async () => {
      [one, other] = await open();
    });
    afterAll(async () => {
      await one.close();
      await other.close();
    });
    let pairs = 0;
    /** What is strange about the end of two that met; undefined where nothing is. */
    const meet = async (type: ChangeType, opponent: Opponent): Promise<string | undefined> => {
      pairs += 1;
      const name = `pair${pairs}x`;
      const world = new World(name);
      const seenVersion = await make(one, world);
      const both = await Promise.all([
        applied(one, world.changes(seenVersion)[type]),
        opponent(other, world, seenVersion),
      ]);
      const found = text([...both, await seen(one, world, seenVersion)]).replaceAll(name, 'pair');
      // Whoever reads the configuration reads all of it.
      for (const realm of [world.realm, `${world.realm}/new`]) await configuring(one).deleteRealm(realm);
      const possible = [await oneByOne(type, opponent, true), await oneByOne(type, opponent, false)];
      return possible.includes(found) ? undefined : differenceOf(found, possible[0] ?? '');
    };

    test.each(Object.entries(opponents))(
      'that meets %s ends as if one of them had come first (OPS-07)',
      async (_, { begin, topics }) => {
        const strange: Record<string, string> = {};
        const isMet = (type: ChangeType) => ALL || topics.some((topic) => type.startsWith(topic));
        for (const type of TYPES.filter(isMet)) {
          const difference = await meet(type, begin);
          if (difference !== undefined) strange[type] = difference;
        }
        expect(strange).toEqual({});
      },
      ALL ? 300_000 : 60_000,
    );

    test('would apply by itself, so that what was refused was refused by the other', async () => {
      const refused: string[] = [];
      for (const type of TYPES) {
        const store = await openMemoryStore();
        const world = new World('pair');
        const seenVersion = await make(store, world);
        if (!(await applied(store, world.changes(seenVersion)[type]))) refused.push(type);
        await store.close();
      }
      expect(refused).toEqual([]);
    });
  });
};
