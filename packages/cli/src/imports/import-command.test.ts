import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newRealmSettings } from '@assent/server';
import { configuring } from '@assent/store/testing';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

const SSHA512 =
  '{SSHA512}3bSicRtE7Twh6imhQ+kBq+Y5g7njJYg9QUiWWAvY8RLpZ5EwWLuBFoEVk3gcr651cENskWO9g/tq8qVtpiwkqWY9W6cnJKNn';

const LDIF = `version: 1

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: uid=ann,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: ann
CN: Ann Lee
MAIL: ann@example.com
mail: lee@example.com
employeenumber: 7
favouriteColour: green
userPassword: ${SSHA512}
createTimestamp: 20200102030405Z
entryUUID: 5f0a5c1e-8f5c-4c0e-9a1c-000000000000
isMemberOf: cn=staff,ou=groups,dc=example,dc=com

dn: uid=off,ou=people,dc=example,dc=com
uid: off
inetUserStatus: Inactive
userPassword: {SMD5}secret-of-off

dn: uid=locked,ou=people,dc=example,dc=com
uid: locked
ds-pwp-account-disabled: true
userPassword: secret-of-locked
assentRoles: owner
kbaInfo: secret-of-kba
cn;lang-de: secret-name
jpegPhoto:: /9j/4AAQ

dn: uid=ended,ou=people,dc=example,dc=com
uid: ended
ds-pwp-account-expiration-time: 20200102030405Z

dn: uid=ends,ou=people,dc=example,dc=com
uid: ends
ds-pwp-account-expiration-time: 29990102030405Z
pwdReset: TRUE

dn: uid=Ann,ou=others,dc=example,dc=com
uid: Ann

dn: uid=a/b,ou=people,dc=example,dc=com
uid: a/b

dn: cn=nobody,ou=people,dc=example,dc=com
objectClass: person
cn: nobody

dn: cn=staff,ou=groups,dc=example,dc=com
objectClass: groupOfUniqueNames
uniqueMember: uid=ann,ou=people,dc=example,dc=com
`;

let cli: TestCli;
const file = (name: string, text: string): string => {
  writeFileSync(join(cli.cwd, name), text);
  return name;
};
const importing = (...args: readonly string[]) => cli.run('import', 'users', ...args);
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const userOf = (name: string, realm = '/') => cli.inStore((store) => store.identities.find(realm, name));

describe('assent import users', () => {
  let result: Awaited<ReturnType<typeof importing>>;
  beforeAll(async () => {
    cli = await testCliWithData();
    file('people.ldif', LDIF);
  });

  test('says beforehand what would come, and changes nothing', async () => {
    const { code, stdout } = await importing('people.ldif', '--dry-run');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Nothing was changed. Users in \/ would be: 5 created, 3 refused\.\n/);
    expect(await userOf('ann')).toBeUndefined();
  });

  test('brings attributes by our names, states, passwords and the day of creation', async () => {
    result = await importing('people.ldif', '--report', 'report.jsonl');
    expect(result.code).toBe(1);
    const ann = await userOf('ann');
    expect(ann).toMatchObject({ username: 'ann', active: true, rev: 1 });
    expect(ann?.attributes).toEqual({
      cn: ['Ann Lee'],
      mail: ['ann@example.com', 'lee@example.com'],
      employeeNumber: ['7'],
      favouriteColour: ['green'],
      createTimestamp: ['20200102030405Z'],
    });
    expect(await cli.inStore((store) => store.identities.passwordHash(ann?.id ?? ''))).toBe(SSHA512);
    for (const [name, active] of Object.entries({ off: false, locked: false, ended: false, ends: true })) {
      expect(await userOf(name), name).toMatchObject({ active });
    }
    expect((await userOf('locked'))?.attributes).toEqual({ createTimestamp: [expect.any(String)] });
    const found = await cli.inStore((store) => store.identities.findByAttribute('/', 'mail', 'LEE@example.com'));
    expect(found).toHaveLength(1);
  });

  test('tells what did not come, by user and reason, to a file for the operator alone and without a value', async () => {
    const report = join(cli.cwd, 'report.jsonl');
    expect(statSync(report).mode & 0o777).toBe(0o600);
    const text = readFileSync(report, 'utf8');
    expect(lines(text)).toEqual([
      { user: 'Ann', reason: 'NAME_TWICE' },
      { user: 'a/b', reason: 'NAME_UNUSABLE' },
      { user: 'cn=nobody,ou=people,dc=example,dc=com', reason: 'NAME_MISSING' },
      { user: 'off', reason: 'PASSWORD_SCHEME', detail: 'SMD5' },
      { user: 'locked', reason: 'PASSWORD_IN_CLEAR' },
      { user: 'locked', reason: 'ATTRIBUTE_NOT_TAKEN', detail: 'assentRoles' },
      { user: 'locked', reason: 'ATTRIBUTE_NOT_TAKEN', detail: 'kbaInfo' },
      { user: 'locked', reason: 'ATTRIBUTE_UNUSABLE', detail: 'cn;lang-de' },
      { user: 'locked', reason: 'ATTRIBUTE_NO_TEXT', detail: 'jpegPhoto' },
      { user: 'ends', reason: 'ACCOUNT_ENDS' },
      { user: 'ends', reason: 'MUST_CHANGE_PASSWORD' },
    ]);
    const said = `${text}${result.stdout}${result.stderr}`;
    for (const secret of ['secret', SSHA512, 'green', '@example.com']) expect(said).not.toContain(secret);
    expect(result.stdout).toContain('Users in /: 5 created, 3 refused, in 0 s.');
    expect(result.stdout).toMatch(/PASSWORD_SCHEME 1 \[SMD5\]: .*another password\.\n {4}off\n/);
    expect(result.stdout).toContain('Groups are not taken over: cn=staff,ou=groups,dc=example,dc=com\n');
  });

  test('refuses who is there, and goes on after an import that was cut off', async () => {
    await cli.inStore((store) =>
      store.committer.commit([{ type: 'identity.insert', id: 'zoe', realm: '/', username: 'zoe', attributes: {} }]),
    );
    file('more.ldif', 'dn: uid=off\nuid: off\n\ndn: uid=ZOE\nuid: ZOE\n\ndn: uid=new\nuid: new\n');
    const again = await importing('more.ldif', '--dry-run', '--json');
    expect(lines(again.stdout)).toEqual([
      { notice: { user: 'off', reason: 'EXISTS' } },
      { notice: { user: 'ZOE', reason: 'EXISTS' } },
      { import: expect.objectContaining({ created: 1, before: 0, refused: 2, isDry: true }) },
    ]);
    const resumed = await importing('more.ldif', '--resume', '--json');
    expect(lines(resumed.stdout)).toEqual([
      { notice: { user: 'ZOE', reason: 'EXISTS' } },
      { import: expect.objectContaining({ created: 1, before: 1, refused: 1, isDry: false }) },
    ]);
  });
});

describe('an update', () => {
  const USERS = [
    { username: 'ann', mail: ['new@example.com'], userPassword: ['{SSHA}ijC9ZQClDnO32qZTuhIM6m5Crj1MH5tj'] },
    { username: 'bob', userPassword: ['{SSHA}ijC9ZQClDnO32qZTuhIM6m5Crj1MH5tj'], inetUserStatus: ['Inactive'] },
    { username: 'cat', sn: ['Cat'] },
  ];
  const OURS = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

  beforeEach(async () => {
    cli = await testCliWithData();
    const insert = (username: string, hash: string) => ({
      type: 'identity.insert',
      id: username,
      realm: '/',
      username,
      hash,
      attributes: { mail: ['old@example.com'], sn: ['Old'] },
    });
    await cli.inStore((store) =>
      store.committer.commit([insert('ann', SSHA512), insert('bob', OURS), insert('Cat', SSHA512)]),
    );
    file('page.json', JSON.stringify({ result: USERS, resultCount: 3 }));
  });

  test('writes what differs, and leaves the password of whoever has signed in here', async () => {
    const { code, stdout } = await importing('page.json', '--update');
    expect([code, stdout]).toEqual([0, 'Users in /: 0 created, 3 updated, 0 refused, in 0 s.\n']);
    expect(await userOf('ann')).toMatchObject({
      attributes: { mail: ['new@example.com'], sn: ['Old'] },
      credentialRev: 3,
    });
    expect(await userOf('bob')).toMatchObject({ active: false, attributes: { mail: ['old@example.com'] } });
    expect(await userOf('cat')).toMatchObject({ username: 'Cat', attributes: { sn: ['Cat'] }, credentialRev: 1 });
    const hashes = await cli.inStore((store) =>
      Promise.all(['ann', 'bob', 'Cat'].map((id) => store.identities.passwordHash(id))),
    );
    expect(hashes).toEqual([USERS[0]?.userPassword?.[0], OURS, SSHA512]);
    const { stdout: again } = await importing('page.json', '--update');
    expect(again).toBe('Users in /: 0 created, 3 as they are, 0 refused, in 0 s.\n');
  });

  test('leaves alone who has roles here: a mail address or a phone of somebody else would be a sign-in with them', async () => {
    await cli.inStore(({ committer }) =>
      committer.commit([
        { type: 'identity.attributes', id: 'ann', seenRev: 1, attributes: { assentRoles: ['helpdesk'] } },
      ]),
    );
    const { stdout } = await importing('page.json', '--update', '--json');
    expect(lines(stdout)[0]).toEqual({ notice: { user: 'ann', reason: 'HAS_ROLES' } });
    expect(await userOf('ann')).toMatchObject({ rev: 2, credentialRev: 1, attributes: { mail: ['old@example.com'] } });
    expect(await userOf('bob')).toMatchObject({ active: false });
  });

  test('may be looked at beforehand', async () => {
    const { stdout } = await importing('page.json', '--update', '--dry-run');
    expect(stdout).toBe('Nothing was changed. Users in / would be: 0 created, 3 updated, 0 refused.\n');
    expect(await userOf('ann')).toMatchObject({ rev: 1 });
  });
});

describe('before it changes anything, the import refuses', () => {
  beforeAll(async () => {
    cli = await testCliWithData();
    file('good.ldif', 'dn: uid=ann\nuid: ann\n');
    file('broken.ldif', 'dn: uid=bob\nuid: bob\n\ndn: uid=cat\nuserPassword secret\n');
    file('latin.ldif', '');
    writeFileSync(join(cli.cwd, 'latin.ldif'), Buffer.from('dn: uid=bj\xf6rn\n', 'latin1'));
    const { publicUrl } = await cli.settings();
    await cli.inStore(async (store) => {
      await configuring(store).createRealm(newRealmSettings('/kept', publicUrl));
      await configuring(store).saveService({ realm: '/kept', type: 'ldap', config: {} });
    });
  });

  test.each([
    [
      'a file that is broken at its end',
      ['good.ldif', 'broken.ldif'],
      2,
      /broken\.ldif, line 5: this is no line of LDIF\./,
    ],
    ['a file in another alphabet', ['latin.ldif'], 2, /latin\.ldif, after byte 0: the file is not UTF-8\./],
    ['a file that is not there', ['good.ldif', 'none.ldif'], 2, /none\.ldif cannot be read/],
    ['a directory', ['.'], 2, /The file \. cannot be read/],
    ['a format that is none', ['good.ldif', '--format', 'csv'], 2, /Allowed choices are ldif, json/],
    ['a realm that is not there', ['good.ldif', '--realm', 'x'], 1, /There is no realm \/x/],
    ['a realm whose users a directory keeps', ['good.ldif', '--realm', 'kept'], 1, /are kept in the directory/],
    ['to write over a report', ['good.ldif', '--report', 'good.ldif'], 2, /report cannot be written to good\.ldif/],
  ])('%s', async (_what, args, code, message) => {
    const refused = await importing(...args);
    expect([refused.code, refused.stdout]).toEqual([code, '']);
    expect(refused.stderr).toMatch(message);
    expect(refused.stderr).not.toContain('secret');
    expect(await userOf('ann')).toBeUndefined();
  });
});

test('a name may stand in another attribute, as with Identity Cloud', async () => {
  cli = await testCliWithData();
  file('cloud.json', JSON.stringify({ _id: '5f0a5c1e', username: '5f0a5c1e', 'fr-idm-name': ['ann'] }));
  expect((await importing('cloud.json', '--name-attribute', 'fr-idm-name')).code).toBe(0);
  expect(await userOf('ann')).toMatchObject({ username: 'ann' });
});

test('two imports at once bring each user once, and each says whom it did not bring', async () => {
  cli = await testCliWithData();
  file('three.ldif', ['ann', 'bob', 'cat'].map((name) => `dn: uid=${name}\nuid: ${name}\n`).join('\n'));
  const both = await Promise.all([importing('three.ldif', '--json'), importing('three.ldif', '--json')]);
  const counts = both.map(({ stdout }) => lines(stdout).at(-1)?.import as { created: number; refused: number });
  expect(counts.map(({ created, refused }) => created + refused)).toEqual([3, 3]);
  expect(counts.reduce((sum, { created }) => sum + created, 0)).toBe(3);
});

test('a user who is larger than a user may be is refused by name, new or updated, and the others come', async () => {
  const imports = async (users: readonly object[], ...args: readonly string[]) => {
    const text = users.map((user) => JSON.stringify(user)).join('\n');
    const { stdout } = await importing(file('large.json', text), '--json', ...args);
    return lines(stdout).flatMap((line) => ('notice' in line ? [line.notice] : [line.import]));
  };
  cli = await testCliWithData();
  const half = Array.from({ length: 40 }, () => 'x'.repeat(4_000));
  const whale = { username: 'whale', a: half, b: half };
  const refused = [{ user: 'whale', reason: 'TOO_LARGE' }, expect.objectContaining({ created: 1, refused: 1 })];
  expect(await imports([whale, { username: 'small' }], '--dry-run')).toEqual(refused);
  expect(await imports([whale, { username: 'small' }])).toEqual(refused);
  await imports([{ username: 'whale', a: half }]);
  expect(await imports([{ username: 'whale', b: half }], '--update')).toEqual([
    { user: 'whale', reason: 'TOO_LARGE' },
    expect.objectContaining({ updated: 0, refused: 1 }),
  ]);
  const stored = await cli.inStore((store) => store.identities.find('/', 'whale'));
  expect(Object.keys(stored?.attributes ?? {})).not.toContain('b');
});
