import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identities } from '@assent/engine';
import {
  type CommitResult,
  type Committer,
  type IdentityDirectory,
  identitiesAdapter,
  JourneyUnitOfWork,
  MAX_SEARCH_VALUE_LENGTH,
  Turns,
} from '@assent/engine/host';
import { fakeRequest, simulatedClock } from '@assent/engine/testing';
import { addressGuard } from '@assent/push';
import { createPasswordHasher, type Store } from '@assent/store';
import { configuring } from '@assent/store/testing';
import { createDatabase, SlapdServer, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { composeTelemetry } from '../src/composition/compose-telemetry.ts';
import { composeUsers } from '../src/composition/compose-users.ts';
import { createLog } from '../src/platform/log.ts';
import { openStore } from '../src/platform/open-store.ts';
import { systemClock, systemRandom } from '../src/platform/system-ports.ts';
import { LiveConfiguration } from '../src/realms/live-configuration.ts';
import { newRealmSettings } from '../src/realms/realm-defaults.ts';
import { loadSettings } from '../src/settings/load-settings.ts';

// What journeys may rely on of users is the same wherever a realm has them: in a file, on PostgreSQL, in a directory (OPS-74).

type Attributes = Readonly<Record<string, readonly string[]>>;

/** How users come and go where they are kept. */
interface Keeping {
  add(name: string, attributes: Attributes): Promise<void>;
  rename(name: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
}

interface World extends Keeping {
  readonly store: Store;
  readonly users: IdentityDirectory;
  readonly committer: Committer;
}

const REALM = '/alpha';
const settings = newRealmSettings(REALM, 'http://localhost:8080/am');
/** One that is kept where the user is, and one of our own. */
const KEPT = ['telephoneNumber', 'nickname'] as const;

const worldOver = async (
  where: { readonly databaseUrl: string } | { readonly dataDir: string },
  service: Readonly<Record<string, unknown>> | undefined,
  keepingOf: (store: Store) => Keeping,
): Promise<World> => {
  const env = { ASSENT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };
  const { settings: ofServer } = await loadSettings({ flags: where, env });
  const store = await openStore(ofServer);
  await configuring(store).createRealm(settings);
  await configuring(store).createRealm({ ...settings, realm: '/other' });
  if (service !== undefined) await configuring(store).saveService({ realm: REALM, type: 'ldap', config: service });
  const { identities, directoryWrites } = composeUsers({
    store,
    configuration: await LiveConfiguration.open(store.configuration, { clock: systemClock }),
    hasher: createPasswordHasher({ cost: 'cheap-for-tests' }),
    clock: systemClock,
    random: systemRandom,
    log: createLog({ level: 'silent' }),
    guard: addressGuard({ allowsLoopback: true }),
    telemetry: composeTelemetry(ofServer, createLog({ level: 'silent' })),
  });
  return { ...keepingOf(store), store, users: identities, committer: directoryWrites.over(store.committer) };
};

const keptInStore = (store: Store): Keeping => {
  const must = async (...changes: Parameters<Committer['commit']>[0]) =>
    expect(await store.committer.commit(changes)).toEqual({ committed: true });
  const idOf = async (name: string) => (await store.identities.find(REALM, name))?.id ?? '';
  return {
    add: (username, attributes) =>
      must({ type: 'identity.insert', id: crypto.randomUUID(), realm: REALM, username, attributes }),
    rename: async (name, username) => must({ type: 'identity.rename', id: await idOf(name), username }),
    remove: async (name) => must({ type: 'identity.delete', id: await idOf(name) }),
  };
};

const keptInDirectory = (slapd: SlapdServer): Keeping => {
  const dnOf = (name: string) => `uid=${name},ou=people,${slapd.base}`;
  return {
    add: (name, attributes) => {
      const lines = Object.entries({ cn: [name], sn: [name], ...attributes }).flatMap(([type, values]) =>
        values.map((value) => `${type}: ${value}`),
      );
      return slapd.load(
        ['', `dn: ${dnOf(name)}`, 'objectClass: inetOrgPerson', `uid: ${name}`, ...lines, ''].join('\n'),
      );
    },
    rename: (name, to) => slapd.load(`\ndn: ${dnOf(name)}\nchangetype: modrdn\nnewrdn: uid=${to}\ndeleteoldrdn: 1\n`),
    remove: (name) => slapd.load(`\ndn: ${dnOf(name)}\nchangetype: delete\n`),
  };
};

const describeUsers = (open: () => Promise<World>, isDirectory: boolean): void => {
  let world: World;
  let there: string[] = [];
  beforeAll(async () => {
    world = await open();
  });
  afterAll(() => world?.store.close());
  afterEach(async () => {
    for (const name of there) await world.remove(name);
    there = [];
  });

  const add = async (name: string, attributes: Attributes = {}) => {
    await world.add(name, { mail: [`${name}@example.test`], ...attributes });
    there.push(name);
  };
  const goes = (name: string) => {
    there = there.filter((it) => it !== name);
  };
  /** One request of a journey: what it does, and what became of its commit. */
  const request = async <T>(
    work: (users: Identities) => Promise<T>,
    realm = REALM,
  ): Promise<readonly [T, CommitResult]> => {
    const of = { ...settings, realm };
    const unit = new JourneyUnitOfWork(of, '', fakeRequest(), world.committer, new Turns());
    try {
      const result = await work(identitiesAdapter(world.users, simulatedClock())(unit));
      return [result, await world.committer.commit([...unit.changes, ...unit.kept])];
    } finally {
      unit.release();
    }
  };
  const ask = async <T>(work: (users: Identities) => Promise<T>, realm?: string): Promise<T> =>
    (await request(work, realm))[0];
  const having = async (attribute: string, value: string): Promise<readonly string[]> =>
    (await ask((users) => users.findBy(attribute, value))).map(({ username }) => username).sort();

  test('nobody is found where nobody is, and nothing of nobody is changed', async () => {
    expect(await ask((users) => users.find('demo'))).toBeUndefined();
    expect(await ask((users) => users.findById('no id'))).toBeUndefined();
    expect(await having('mail', 'demo@example.test')).toEqual([]);
    await expect(request((users) => users.update('demo', 'nickname', () => ['x']))).rejects.toThrow(RangeError);
    await expect(request((users) => users.setActive('demo', false))).rejects.toThrow(RangeError);
  });

  test('a name is found in its realm, by any case and width of its letters (SEC-60)', async () => {
    await add('demo');
    const id = (await ask((users) => users.find('demo')))?.id;
    expect(id).toEqual(expect.any(String));
    for (const name of ['DEMO', 'Demo', 'ｄｅｍｏ']) {
      expect([name, await ask((users) => users.find(name))]).toMatchObject([
        name,
        { id, username: 'demo', realm: REALM },
      ]);
    }
    expect(await ask((users) => users.findById(id ?? ''))).toMatchObject({ id, username: 'demo' });
    expect(await ask((users) => users.find('demo'), '/other')).toBeUndefined();
    expect(await ask((users) => users.findById(id ?? ''), '/other')).toBeUndefined();
  });

  test.each(['*', 'dem*', 'demo)(uid=*', '%', 'dem_', ' demo', ''])('%j is nobody (OPS-75)', async (name) => {
    await add('demo');
    expect(await ask((users) => users.find(name))).toBeUndefined();
    expect(await having('mail', name)).toEqual([]);
  });

  test('by a value whoever has it is found, as it is by then, and two of many', async () => {
    await add('demo', { mail: ['a@example.test', 'b@example.test'] });
    for (const at of [1, 2, 3]) await add(`like${at}`, { telephoneNumber: ['+1 555 0100'] });
    expect(await having('mail', 'A@Example.test')).toEqual(['demo']);
    expect(await having('mail', 'b@example.test')).toEqual(['demo']);
    expect(await having('mail', 'demo@example.test')).toEqual([]);
    expect(await having('nickname', 'a@example.test')).toEqual([]);
    expect(await having('mail', 'x'.repeat(MAX_SEARCH_VALUE_LENGTH + 1))).toEqual([]);
    expect(await having('telephoneNumber', '+1 555 0100')).toHaveLength(2);
  });

  test.each(KEPT)(
    '%s is changed, is seen within the request, and by the next one; an empty list takes it away',
    async (name) => {
      await add('demo');
      const set = (...values: readonly string[]) =>
        request(async (users) => {
          await users.update('demo', name, (before) => [...before, ...values]);
          const seen = await users.find('demo');
          return [seen?.attributes[name], (await users.findBy(name, values[0] ?? '')).length];
        });
      expect(await set('+1 555 0101')).toEqual([[['+1 555 0101'], 1], { committed: true }]);
      expect(await set('+1 555 0102')).toEqual([[['+1 555 0101', '+1 555 0102'], 1], { committed: true }]);
      expect(await having(name, '+1 555 0101')).toEqual(['demo']);
      const [, emptied] = await request((users) => users.setAttributes('demo', { [name]: [] }));
      expect(emptied).toEqual({ committed: true });
      const { attributes = {} } = (await ask((users) => users.find('demo'))) ?? {};
      expect([attributes[name], attributes.mail]).toEqual([undefined, ['demo@example.test']]);
      expect(await having(name, '+1 555 0101')).toEqual([]);
    },
  );

  test.each(KEPT)('of two requests that change %s of what both have read, one is told that it has', async (name) => {
    await add('demo');
    let read = 0;
    let go: () => void = () => undefined;
    const bothHaveRead = new Promise<void>((resolve) => {
      go = resolve;
    });
    const both = ['+1 555 0103', '+1 555 0104'].map((value) =>
      request(async (users) => {
        await users.find('demo');
        read += 1;
        if (read === 2) go();
        await bothHaveRead;
        await users.update('demo', name, () => [value]);
      }),
    );
    const results = (await Promise.all(both)).map(([, { committed }]) => committed);
    expect(results.filter(Boolean)).toHaveLength(1);
    const left = (await ask((users) => users.find('demo')))?.attributes[name];
    // A directory knows no revision: of its own attributes it has whichever was written last (ADR 70).
    if (isDirectory && name === 'telephoneNumber') expect(left).toHaveLength(1);
    else expect(left).toEqual([results[0] ? '+1 555 0103' : '+1 555 0104']);
  });

  test('a lock stands, and is lifted', async () => {
    await add('demo');
    for (const active of [false, true]) {
      const [, result] = await request((users) => users.setActive('demo', active));
      expect(result).toEqual({ committed: true });
      expect(await ask((users) => users.find('demo'))).toMatchObject({ active });
    }
  });

  test('who is called otherwise is the same user; who comes after one that went is another', async () => {
    // A directory that shows nobody at all is not believed.
    await add('remains');
    await add('demo');
    const id = (await ask((users) => users.find('demo')))?.id ?? '';
    await world.rename('demo', 'renamed');
    goes('demo');
    there.push('renamed');
    expect(await ask((users) => users.find('demo'))).toBeUndefined();
    expect(await ask((users) => users.find('renamed'))).toMatchObject({ id, username: 'renamed' });
    await world.remove('renamed');
    goes('renamed');
    expect(await ask((users) => users.findById(id))).toBeUndefined();
    expect(await having('mail', 'demo@example.test')).toEqual([]);
    await add('renamed');
    expect((await ask((users) => users.find('renamed')))?.id).not.toBe(id);
  });

  test('what is secret finds nobody', async () => {
    await add('demo');
    await request((users) => users.setAttributes('demo', { kbaInfo: ['a hash'] }));
    expect(await having('kbaInfo', 'a hash')).toEqual([]);
  });

  test('pages have each once, by name, or by how a name or a value begins', async () => {
    const names = ['page1', 'page2', 'page3', 'pagf'];
    for (const name of [...names].reverse()) await add(name);
    const pagesOf = async (query: {
      readonly attribute?: string;
      readonly beginning?: string;
      readonly value?: string;
    }) => {
      const found: string[] = [];
      for (let after: string | undefined, isOver = false; !isOver; ) {
        const page = await world.users.page(REALM, { ...query, limit: 2, ...(after !== undefined && { after }) });
        found.push(...page.users.map(({ username }) => username));
        after = page.next;
        isOver = after === undefined;
      }
      return found;
    };
    expect(await pagesOf({})).toEqual(names);
    expect(await pagesOf({ beginning: 'PAGE' })).toEqual(names.slice(0, 3));
    expect(await pagesOf({ attribute: 'mail', beginning: 'page' })).toEqual(names.slice(0, 3));
    expect(await pagesOf({ attribute: 'mail', value: 'PAGE2@example.test' })).toEqual(['page2']);
    expect(await pagesOf({ value: 'pagf' })).toEqual(['pagf']);
  });
};

describe('users in a file', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-users-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  describeUsers(() => worldOver({ dataDir }, undefined, keptInStore), false);
});

describeWith(['postgres'], 'users on PostgreSQL', () => {
  let database: TestDatabase | undefined;
  afterAll(() => database?.close());
  describeUsers(async () => {
    database = await createDatabase();
    return worldOver({ databaseUrl: database.url }, undefined, keptInStore);
  }, false);
});

describeWith(['slapd'], 'users in a directory', () => {
  let slapd: SlapdServer | undefined;
  afterAll(() => slapd?.kill());
  describeUsers(async () => {
    slapd = await SlapdServer.launch();
    const service = {
      urls: [slapd.url],
      bindDn: slapd.administrator.dn,
      bindPassword: slapd.administrator.password,
      baseDn: `ou=people,${slapd.base}`,
      writableAttributes: ['telephoneNumber'],
    };
    return worldOver({ databaseUrl: 'memory:' }, service, () => keptInDirectory(slapd as SlapdServer));
  }, true);
});
