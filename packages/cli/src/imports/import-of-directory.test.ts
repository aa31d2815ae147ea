import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testCliWithData } from '../testing/test-cli.ts';

/** What makes an entry, by its lines. */
const entryOf = (name: string, ...attributes: readonly string[]): string =>
  [`dn: uid=${name},ou=people,ou=identities`, 'objectClass: inetOrgPerson', `uid: ${name}`, ...attributes, ''].join(
    '\n',
  );

const imported = async (...entries: readonly string[]) => {
  const cli = await testCliWithData();
  writeFileSync(join(cli.cwd, 'export.ldif'), entries.join('\n'));
  const { code, stdout } = await cli.run('import', 'users', 'export.ldif', '--json');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { notice?: { user: string; reason: string }; import?: object });
  return {
    code,
    notices: lines.flatMap(({ notice }) => notice ?? []),
    counts: lines.at(-1)?.import,
    user: (name: string) => cli.inStore((store) => store.identities.find('/', name)),
  };
};

/** Each as AM, PingDS, OpenLDAP or Active Directory writes it; the last says whether the account is in use here, and what is told of it. */
const STATES: readonly (readonly [name: string, attributes: readonly string[], active: boolean, reason?: string])[] = [
  ['plain', [], true],
  ['on', ['inetUserStatus: Active', 'iplanet-am-user-login-status: ACTIVE', 'userAccountControl: 512'], true],
  ['status-off', ['inetUserStatus: Inactive'], false],
  ['login-off', ['inetUserStatus: Active', 'iplanet-am-user-login-status: Inactive'], false],
  ['login-odd', ['iplanet-am-user-login-status: paused'], false, 'STATUS_UNKNOWN'],
  ['idm-off', ['fr-idm-accountStatus: inactive'], false],
  ['idm-off-by-rest', ['accountStatus: inactive'], false],
  ['life-over', ['iplanet-am-user-account-life: 2010/01/31 00:00:00'], false],
  ['life-over-by-day', ['iplanet-am-user-account-life: 2010/1/31'], false],
  ['life-goes-on', ['iplanet-am-user-account-life: 2999/01/31 00:00'], true, 'ACCOUNT_ENDS'],
  ['life-odd', ['iplanet-am-user-account-life: next week'], false, 'STATUS_UNKNOWN'],
  ['life-empty', ['iplanet-am-user-account-life:'], true],
  ['end-odd', ['ds-pwp-account-expiration-time: 2010'], false, 'STATUS_UNKNOWN'],
  ['locked-for-good', ['pwdAccountLockedTime: 000001010000Z'], false],
  ['locked', ['pwdAccountLockedTime: 20260101000000Z'], true, 'ACCOUNT_LOCKED'],
  ['ds-off', ['ds-pwp-account-disabled: true'], false],
  ['ns-off', ['nsAccountLock: TRUE'], false],
  ['ad-off', ['userAccountControl: 514'], false],
];

describe('of an export of a directory', () => {
  test('whoever may not sign in there may not here, and what is not understood counts as that', async () => {
    const { code, notices, user } = await imported(...STATES.map(([name, attributes]) => entryOf(name, ...attributes)));
    expect(code).toBe(0);
    for (const [name, , active, reason] of STATES) {
      const found = await user(name);
      expect(found, name).toMatchObject({ active });
      // The state is told by itself, so that no attribute says another one later.
      expect(Object.keys(found?.attributes ?? {}), name).toEqual(['createTimestamp']);
      const told = notices.filter((notice) => notice.user === name).map((notice) => notice.reason);
      expect(told, name).toEqual(reason === undefined ? [] : [reason]);
    }
  });

  test('an account of the directory itself does not come, and what is nobody is not told as a user', async () => {
    const { code, notices, counts, user } = await imported(
      entryOf('am-identity-bind-account', 'ds-privilege-name: subentry-write', 'ds-privilege-name: password-reset'),
      'dn: coreTokenId=abc,ou=tokens\nobjectClass: top\nobjectClass: frCoreToken\ncoreTokenId: abc\n',
      'dn: ou=1.0,ou=services,ou=am-config\nobjectClass: sunServiceComponent\nou: 1.0\n',
    );
    expect(code).toBe(1);
    expect(notices).toEqual([{ user: 'am-identity-bind-account', reason: 'DIRECTORY_ACCOUNT' }]);
    expect(counts).toMatchObject({ created: 0, refused: 1, noUsers: 2 });
    expect(await user('am-identity-bind-account')).toBeUndefined();
  });

  test('hashes of other systems and answers to questions are not taken for attributes', async () => {
    const names = [
      'sambaNTPassword',
      'unicodePwd',
      'iplanet-am-user-password-reset-question-answer',
      'passwordHistory',
    ];
    const { notices, user } = await imported(entryOf('ann', ...names.map((name) => `${name}: c0ffee`), 'title: Dr'));
    expect(notices).toEqual(names.map((detail) => ({ user: 'ann', reason: 'ATTRIBUTE_NOT_TAKEN', detail })));
    expect((await user('ann'))?.attributes).toEqual({ title: ['Dr'], createTimestamp: [expect.any(String)] });
  });

  test('of several names the one of the entry counts, whichever stands first', async () => {
    const { user } = await imported(
      'dn: UID=two,ou=people\nobjectClass: person\nuid: alias\nuid: two\n',
      'dn: cn=Three,ou=people\nobjectClass: person\nuid: three\nuid: other\n',
    );
    expect(await user('two')).toMatchObject({ attributes: { uid: ['alias', 'two'] } });
    expect(await user('three')).toMatchObject({ username: 'three' });
    expect(await user('alias')).toBeUndefined();
  });
});
