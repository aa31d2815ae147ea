import { describe, expect, test } from 'vitest';
import { isUserTooLarge, MAX_USER_CHARACTERS, type QuerySource, USER_TOO_LARGE_TEXT } from '../model/identities.ts';
import type { Session } from '../model/sessions.ts';
import {
  fakeRequest,
  memoryDirectory,
  plainHasher,
  seededRandom,
  simulatedClock,
  type TestUsers,
  testRealm,
  testUnitOfWork,
} from '../testing/index.ts';
import { MAX_LOOK_THROUGHS, stagedChanges } from '../unit-of-work/staged-users.ts';
import { accountsAdapter } from './accounts-adapter.ts';
import { identitiesAdapter } from './identities-adapter.ts';
import { storedPasswords } from './password-keeper.ts';

const setUp = (
  users: TestUsers = { demo: { mail: ['a@b.example'] }, gone: { inetUserStatus: ['Inactive'] } },
  session?: Session,
) => {
  const unit = testUnitOfWork({ request: fakeRequest(session && { session }) });
  const identities = {
    ...memoryDirectory(users),
    passwordHash: async (id: string) => (id === 'id-of-gone' ? 'hash of the older one' : undefined),
  };
  const accounts = accountsAdapter({
    identities,
    keeper: storedPasswords({ identities, hasher: plainHasher }),
    hasher: plainHasher,
    commonPasswords: async () => () => false,
    random: seededRandom(),
    clock: simulatedClock(),
    endWithPassword: (on, userId) => on.stage({ type: 'push.closeUser', userId }),
  })(unit);
  const { changes, always } = unit;
  return { changes, always, unit, accounts, users: identitiesAdapter(identities, simulatedClock())(unit) };
};

describe('the status of a user with roles', () => {
  const admin = { boss: { assentRoles: ['owner'] }, off: { assentRoles: ['helpdesk'], inetUserStatus: ['Inactive'] } };

  test.each([
    ['boss', 'Inactive'],
    ['off', 'Active'],
  ])('is not changed by an attribute that a node or a script writes: %s to %s (SEC-90)', async (name, status) => {
    const { users, changes, always } = setUp(admin);
    await expect(users.setAttributes(name, { inetUserStatus: [status] })).rejects.toThrow(/user with roles/);
    await expect(users.update(name, 'inetUserStatus', () => [status])).rejects.toThrow(/user with roles/);
    expect([...changes, ...always]).toEqual([]);
  });

  test.each([
    ['boss', false, 'lock'],
    ['off', true, 'unlock'],
  ])('is not changed by a lockout of %s to %s, which the audit log says (SEC-90)', async (name, active, outcome) => {
    const { users, changes, always, unit } = setUp(admin);
    expect(await users.setActive(name, active)).toBe(false);
    const event = {
      event: 'LOCKOUT_REFUSED',
      userId: `id-of-${name}`,
      outcome,
      detail: { address: expect.any(String) },
    };
    expect(always).toMatchObject([{ type: 'audit.append', event }]);
    expect(changes).toEqual([]);
    expect(await users.find(name)).toMatchObject({ active: !active });
    expect(stagedChanges(unit).credentials.size).toBe(0);
  });

  test('may be written as it is', async () => {
    const { users, always } = setUp(admin);
    await users.setAttributes('boss', { inetUserStatus: ['Active'] });
    expect(await users.setActive('boss', true)).toBe(true);
    expect(always).toEqual([]);
  });
});

describe('a user who would become larger than a user may be', () => {
  const quarter = ['x'.repeat(MAX_USER_CHARACTERS / 4)];

  test('fails the node that writes it, though each write of the unit is small', async () => {
    const { users, changes } = setUp();
    for (const name of ['a', 'b', 'c']) await users.setAttributes('demo', { [name]: quarter });
    await expect(users.setAttributes('demo', { d: quarter })).rejects.toThrow(USER_TOO_LARGE_TEXT);
    await expect(users.update('demo', 'd', () => quarter)).rejects.toThrow(USER_TOO_LARGE_TEXT);
    await users.setAttributes('demo', { a: [], d: quarter });
    expect(changes).toMatchObject([{ attributes: { a: [], b: quarter, c: quarter, d: quarter } }]);
  });

  test('is not made', async () => {
    const { accounts, users, changes } = setUp();
    const attributes = { a: quarter, b: quarter, c: quarter, d: quarter };
    await expect(accounts.create({ username: 'new', attributes })).rejects.toThrow(USER_TOO_LARGE_TEXT);
    expect(changes).toEqual([]);
    const { d, ...fewer } = attributes;
    await accounts.create({ username: 'new', attributes: fewer });
    await expect(users.setAttributes('new', { d })).rejects.toThrow(USER_TOO_LARGE_TEXT);
  });

  test('and is larger already may stay as large or become smaller', () => {
    const before = { a: ['x'.repeat(MAX_USER_CHARACTERS)], b: ['y'] };
    expect(isUserTooLarge(before, before)).toBe(false);
    expect(isUserTooLarge({ a: before.a }, before)).toBe(false);
    expect(isUserTooLarge({ ...before, c: ['z'] }, before)).toBe(true);
    expect(isUserTooLarge(before)).toBe(true);
  });
});

describe('look-ups by attributes without an index (SEC-93)', () => {
  const watched = () => {
    const looked: string[] = [];
    const directory = {
      ...memoryDirectory({ demo: { room: ['7'] } }),
      findByAttribute: async (_realm: string, attribute: string, value: string, source?: QuerySource) => {
        if (attribute === 'mail') return [];
        source?.looksThrough();
        looked.push(`${source?.clientAddress} ${attribute} ${value}`);
        if (value === 'lost') throw new Error('The database has gone.');
        return [];
      },
    };
    const unit = testUnitOfWork({ request: fakeRequest() });
    const port = () => identitiesAdapter(directory, simulatedClock())(unit);
    return { looked, port, address: unit.request.clientAddress };
  };

  test('are bounded for one request, whichever of its ports asks, and the error names the attribute and the setting', async () => {
    const { looked, port, address } = watched();
    for (let at = 0; at < MAX_LOOK_THROUGHS - 1; at += 1) await port().findBy('room', `${at}`);
    await expect(port().findBy('room', 'lost')).rejects.toThrow('gone');
    expect(looked[0]).toBe(`${address} room 0`);
    await expect(port().findBy('floor', '1')).rejects.toThrow(/more than 10 times .* Add floor to indexedAttributes/);
    expect(looked).toHaveLength(MAX_LOOK_THROUGHS);
  });

  test('count once where they are the same, and not at all where an index answers', async () => {
    const { looked, port } = watched();
    for (let at = 0; at < 50; at += 1) {
      await port().findBy('room', 'Same');
      await port().findBy('mail', `${at}@example.com`);
    }
    expect(looked).toHaveLength(1);
  });
});

test('a user that does not exist cannot be locked', async () => {
  await expect(setUp().users.setActive('nobody', false)).rejects.toThrow(RangeError);
});

describe('locking', () => {
  test('is kept whatever becomes of the unit, and seen at once', async () => {
    const { users, always, changes } = setUp();
    await users.find('demo');
    await users.setActive('Demo', false);
    expect(always).toEqual([{ type: 'identity.active', id: 'id-of-demo', active: false }]);
    expect(changes).toEqual(always);
    expect(await users.find('demo')).toMatchObject({ active: false, attributes: { inetUserStatus: ['Inactive'] } });
  });

  test('and unlocking in one unit are both committed, since the lock ends what the user holds', async () => {
    const { users, always, changes } = setUp();
    await users.setActive('demo', false);
    await users.setActive('demo', true);
    expect(always).toMatchObject([{ active: false }, { active: true }]);
    expect(changes).toEqual(always);
  });

  test('after an unlock stands behind it', async () => {
    const { users, always, changes } = setUp();
    await users.setActive('gone', true);
    await users.setActive('gone', false);
    expect(changes).toMatchObject([{ active: true }, { active: false }]);
    expect(always).toMatchObject([{ active: false }]);
  });
});

test('an attribute that changes after an unlock names the revision that the unlock leaves', async () => {
  const { users, changes } = setUp();
  await users.setActive('gone', true);
  await users.update('gone', 'sn', () => ['new@b.example']);
  expect(changes).toEqual([
    { type: 'identity.active', id: 'id-of-gone', active: true },
    { type: 'identity.attributes', id: 'id-of-gone', seenRev: 2, attributes: { sn: ['new@b.example'] } },
  ]);
});

test('an attribute that changes after a lock names the revision that the lock leaves', async () => {
  const { users, changes } = setUp();
  await users.setActive('demo', false);
  await users.update('demo', 'sn', () => []);
  expect(changes).toMatchObject([{ type: 'identity.active' }, { type: 'identity.attributes', seenRev: 2 }]);
});

test.each([
  ['Inactive', false],
  ['inactive', false],
])('AM’s status attribute is the account itself (%s)', async (value, active) => {
  const { users, always, changes } = setUp();
  expect((await users.find('demo'))?.attributes.inetUserStatus).toEqual(['Active']);
  await users.update('demo', 'inetUserStatus', () => [value]);
  expect(always).toMatchObject([{ active }]);
  expect(changes).toEqual(always);
});

describe('a look-up by an attribute', () => {
  test.each([
    ['a@b.example', ['demo']],
    ['A@B.Example', ['demo']],
    ['other@b.example', []],
  ])('of %s finds %j', async (value, names) => {
    expect((await setUp().users.findBy('mail', value)).map(({ username }) => username)).toEqual(names);
  });

  test('finds nobody by the value that this unit has taken away', async () => {
    const { users } = setUp();
    await users.setAttributes('demo', { mail: ['new@b.example'] });
    expect(await users.findBy('mail', 'a@b.example')).toEqual([]);
  });

  test('gives both where two have it, so that nobody is taken for the other', async () => {
    const { users } = setUp({ one: { mail: ['x@b.example'] }, two: { mail: ['X@b.example'] } });
    expect(await users.findBy('mail', 'x@b.example')).toHaveLength(2);
  });
});

test('an id is good in its realm alone', async () => {
  const { users } = setUp();
  expect(await users.findById('id-of-demo')).toMatchObject({ username: 'demo' });
  const inAlpha = testUnitOfWork({ realm: testRealm({ realm: '/alpha' }) });
  const elsewhere = identitiesAdapter(memoryDirectory({ demo: {} }), simulatedClock())(inAlpha);
  expect(await elsewhere.findById('id-of-demo')).toBeUndefined();
});

describe('a new user', () => {
  test.each([
    ['is taken', 'Demo'],
    ['could pass for another', 'de\u200bmo'],
    ['has no place in a path', 'de/mo'],
  ])('is not made where the name %s', async (_reason, username) => {
    const { accounts, changes } = setUp();
    expect(await accounts.create({ username, attributes: {} })).toBeUndefined();
    expect(changes).toEqual([]);
  });

  test('is not made twice in one unit', async () => {
    const { accounts } = setUp();
    await accounts.create({ username: 'new', attributes: {} });
    expect(await accounts.create({ username: 'NEW', attributes: {} })).toBeUndefined();
  });

  test('is inserted by one change, which what comes after it joins', async () => {
    const { accounts, users, changes, always } = setUp();
    const made = await accounts.create({
      username: 'new',
      password: 'secret enough',
      attributes: { mail: ['n@b.example'], sn: [] },
    });
    await users.update('new', 'loginCount', () => ['1']);
    await users.setActive('new', false);
    expect(changes).toEqual([
      {
        type: 'identity.insert',
        id: made?.id,
        realm: '/',
        username: 'new',
        hash: 'hash of secret enough',
        attributes: {
          mail: ['n@b.example'],
          // No code and no link has proven it yet.
          assentClaimedMail: ['2026-01-15T12:00:00.000Z'],
          createTimestamp: ['20260115120000Z'],
          loginCount: ['1'],
        },
      },
      { type: 'identity.active', id: made?.id, active: false },
    ]);
    expect(always).toEqual([]);
  });

  test('is found at once by name, id and attribute', async () => {
    const { accounts, users } = setUp();
    const made = await accounts.create({ username: 'new', attributes: { mail: ['n@b.example'] } });
    const seen = { username: 'new', active: true };
    expect(await users.find('New')).toMatchObject(seen);
    expect(await users.findById(made?.id ?? '')).toMatchObject(seen);
    expect(await users.findBy('mail', 'N@b.example')).toMatchObject([seen]);
  });

  test.each([
    ['a password', 'secret enough', true],
    ['none', undefined, false],
  ])('made with %s has it', async (_what, password, has) => {
    const { accounts } = setUp();
    await accounts.create({ username: 'new', attributes: {}, ...(password !== undefined && { password }) });
    expect(await accounts.hasPassword('new')).toBe(has);
  });
});

describe('a new password', () => {
  test('that breaks a rule is refused and makes nobody, whoever asks: nodes of others need not know the rules (SEC-55)', async () => {
    const { accounts, unit } = setUp();
    expect(await accounts.create({ username: 'new', password: 'short', attributes: {} })).toBeUndefined();
    expect(await accounts.setPassword('demo', 'demo12345')).toBe('refused');
    expect(unit.changes).toEqual([]);
  });

  test('of nobody cannot be set', async () => {
    await expect(setUp().accounts.setPassword('nobody', 'x')).rejects.toThrow(RangeError);
  });

  test('ends what the old one opened (SEC-61)', async () => {
    const { accounts, changes } = setUp();
    expect(await accounts.hasPassword('demo')).toBe(false);
    await accounts.setPassword('demo', 'a newer one');
    expect(changes).toEqual([
      { type: 'session.endAllOf', userId: 'id-of-demo' },
      { type: 'identity.password', id: 'id-of-demo', hash: 'hash of a newer one', seenCredentialRev: 1 },
      { type: 'push.closeUser', userId: 'id-of-demo' },
    ]);
    expect(await accounts.hasPassword('demo')).toBe(true);
  });

  test('that is the old one ends nothing', async () => {
    const { accounts, changes } = setUp();
    await accounts.setPassword('gone', 'the older one');
    expect(changes).toEqual([]);
    expect(await accounts.hasPassword('gone')).toBe(true);
  });

  test('counts after another one in the same unit', async () => {
    const { accounts, changes } = setUp();
    await accounts.setPassword('gone', 'a newer one');
    await accounts.setPassword('gone', 'the older one');
    expect(changes.filter(({ type }) => type === 'identity.password')).toMatchObject([
      { hash: 'hash of a newer one', seenCredentialRev: 1 },
      { hash: 'hash of the older one', seenCredentialRev: 2 },
    ]);
  });

  test('leaves the session by which its owner came', async () => {
    const session = { userId: 'id-of-demo', tokenHash: 'h' } as Session;
    const { accounts, changes } = setUp(undefined, session);
    await accounts.setPassword('demo', 'a newer one');
    expect(changes.slice(0, 2)).toMatchObject([
      { type: 'session.usable', tokenHash: 'h' },
      { type: 'session.endOthersOf', userId: 'id-of-demo', tokenHash: 'h' },
    ]);
    expect(changes.map(({ type }) => type)).not.toContain('session.insert');
  });

  test('does not spare the session of somebody else', async () => {
    const { accounts, changes } = setUp(undefined, { userId: 'id-of-gone', tokenHash: 'h' } as Session);
    await accounts.setPassword('demo', 'a newer one');
    expect(changes[0]).toEqual({ type: 'session.endAllOf', userId: 'id-of-demo' });
  });
});

describe('an address of a user', () => {
  const PHONE = { telephoneNumber: ['+4915100000000'] };

  test('that a journey changes is noted with its time in the same change, and audited (SEC-85)', async () => {
    const { users, changes } = setUp();
    await users.setAttributes('demo', { ...PHONE, mail: ['a@b.example'] });
    await users.update('demo', 'sn', () => ['Doe']);
    expect(changes).toMatchObject([
      {
        type: 'identity.attributes',
        attributes: { ...PHONE, sn: ['Doe'], assentAddressChanges: [expect.stringMatching(/^telephoneNumber 20/)] },
      },
      { type: 'audit.append', event: { event: 'USER_ADDRESS_SET', detail: { attributes: 'telephoneNumber' } } },
    ]);
    // The next node of the same submit reads it.
    expect((await users.find('demo'))?.attributes.assentAddressChanges).toHaveLength(1);
  });

  test('that is written as it is, or for a user who is made in this unit, is no change (SEC-85)', async () => {
    const { users, accounts, changes } = setUp();
    await users.setAttributes('demo', { mail: ['a@b.example'] });
    await accounts.create({ username: 'new', password: undefined as never, attributes: {} });
    await users.setAttributes('new', PHONE);
    expect(JSON.stringify(changes)).not.toContain('assentAddressChanges');
    expect(JSON.stringify(changes)).not.toContain('USER_ADDRESS_SET');
  });

  test.each([[[]], [['mail 2000-01-01T00:00:00.000Z']]])('has its time from the server alone: %j', async (values) => {
    const { users, changes } = setUp();
    await expect(users.setAttributes('demo', { assentAddressChanges: values })).rejects.toThrow(RangeError);
    await expect(users.update('demo', 'assentAddressChanges', () => values)).rejects.toThrow(RangeError);
    expect(changes).toEqual([]);
  });
});
