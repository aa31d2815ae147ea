import type { Entry } from 'ldapts';
import { describe, expect, test } from 'vitest';
import { ldapService } from '../settings/ldap-service.ts';
import { guidOfUuid, readEntry, wantedAttributes } from './entries.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const urls = ['ldaps://directory.example.com'];
const openLdap = ldapService.parse({ urls, baseDn: 'dc=example' });
const activeDirectory = ldapService.parse({
  urls,
  baseDn: 'dc=example',
  kind: 'activeDirectory',
  usernameAttribute: 'sAMAccountName',
  idAttribute: 'objectGUID',
  roleOfGroup: { 'CN=Admins,DC=example': 'owner' },
});

/** As Active Directory sends it: the id as 16 bytes, times since 1601 in steps of 100 ns, flags as a number. */
const AD_ENTRY: Entry = {
  dn: 'CN=Kim Example,OU=Staff,DC=example',
  objectGUID: Buffer.from('78563412bc9af0de0123456789abcdef', 'hex'),
  sAMAccountName: 'kim',
  userPrincipalName: 'kim@example.com',
  mail: 'kim@example.com',
  memberOf: ['cn=staff,dc=example', 'cn=admins,dc=example'],
  userAccountControl: '512',
  accountExpires: '9223372036854775807',
  pwdLastSet: '133500000000000000',
};
const LDAP_ENTRY: Entry = { dn: 'uid=kim,dc=example', entryUUID: 'e1', uid: 'kim', pwdChangedTime: '20260101000000Z' };

const ad = (given: object = {}) => readEntry(activeDirectory, { ...AD_ENTRY, ...given }, NOW);
const ldap = (given: object = {}) => readEntry(openLdap, { ...LDAP_ENTRY, ...given }, NOW);

test('an entry of Active Directory has the id that people see there, and roles by its groups', () => {
  expect(ad()).toEqual({
    dn: AD_ENTRY.dn,
    id: '12345678-9abc-def0-0123-456789abcdef',
    username: 'kim',
    active: true,
    mark: '133500000000000000',
    attributes: { mail: ['kim@example.com'], assentRoles: ['owner'] },
  });
  expect(guidOfUuid('12345678-9abc-def0-0123-456789abcdef')).toEqual(AD_ENTRY.objectGUID);
  expect(guidOfUuid('12345678')).toBeUndefined();
});

describe('an account is out of use, with another mark than before', () => {
  test.each([
    ['disabled', { userAccountControl: '514' }],
    ['disabled, with other flags', { userAccountControl: '66050' }],
    ['run out', { accountExpires: '133000000000000000' }],
  ])('in Active Directory: %s', (_what, given) => {
    expect(ad(given)).toMatchObject({ active: false });
    expect(ad(given)?.mark).not.toBe(ad()?.mark);
  });

  test.each([['0'], ['9223372036854775807'], ['134500000000000000'], ['nonsense'], ['99999999999999999999999']])(
    'and not by the end %s',
    (accountExpires) => {
      expect(ad({ accountExpires })).toMatchObject({ active: true });
    },
  );

  test('by a password policy: locked for good, and not for a while', () => {
    expect(ldap({ pwdAccountLockedTime: '000001010000Z' })).toMatchObject({ active: false });
    expect(ldap({ pwdAccountLockedTime: '20260115115900Z' })).toMatchObject({ active: true });
  });
});

test('a new password is a new mark', () => {
  expect(ldap({ pwdChangedTime: '20260101000001Z' })?.mark).not.toBe(ldap()?.mark);
  expect(ad({ pwdLastSet: '0' })?.mark).not.toBe(ad()?.mark);
});

test.each([
  ['no id', { entryUUID: [] }],
  ['an empty id', { entryUUID: '' }],
  ['an endless id', { entryUUID: 'x'.repeat(257) }],
  ['no name', { uid: [] }],
  ['a name that could pass for another', { uid: 'k\u200bim' }],
  ['a name that is no text', { uid: Buffer.from([0xff]) }],
])('%s is nobody', (_what, given) => {
  expect(ldap(given)).toBeUndefined();
});

test('an id of another length than 16 bytes is none', () => {
  expect(ad({ objectGUID: Buffer.from('78563412', 'hex') })).toBeUndefined();
});

test('of several names it is always the same, in whichever order they come', () => {
  expect(ldap({ uid: ['zoe', 'kim'] })?.username).toBe('kim');
});

test('names of attributes are found in any case, and values that are no texts or too long are left out', () => {
  const entry = ldap({ MAIL: ['a@example.com', 'x'.repeat(4_097), Buffer.from([1]), ''] });
  expect(entry?.attributes).toEqual({ mail: ['a@example.com'] });
});

test('only what there is a use for is asked for', () => {
  expect(wantedAttributes(openLdap)).not.toContain('memberOf');
  expect(wantedAttributes(openLdap)).not.toContain('*');
  expect(wantedAttributes(activeDirectory)).toEqual(expect.arrayContaining(['objectGUID', 'memberOf', 'pwdLastSet']));
});

test('each name of an entry is read once, however many attributes are mapped (SEC-93)', () => {
  const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`ours${at}`, `theirs${at}`]));
  const service = ldapService.parse({ urls, baseDn: 'dc=example', attributes });
  let enumerations = 0;
  const entry = new Proxy<Entry>(
    { ...LDAP_ENTRY, THEIRS7: 'seven' },
    {
      ownKeys(target) {
        enumerations += 1;
        return Reflect.ownKeys(target);
      },
    },
  );
  expect(readEntry(service, entry, NOW)?.attributes).toEqual({ ours7: ['seven'] });
  expect(enumerations).toBe(1);
});
