import { describe, expect, test } from 'vitest';
import { ldapService, readLdapService } from './ldap-service.ts';

const least = { urls: ['ldaps://directory.example.com'], baseDn: 'dc=example,dc=com' };

/** The settings that are wrong, with the words for whoever has to set them right. */
const problemsOf = (given: object) =>
  ldapService
    .safeParse({ ...least, ...given })
    .error?.issues.map(({ path, message }) => `${String(path[0])}: ${message}`) ?? [];

test('it takes an address and a base, and the rest is as OPS-73 says', () => {
  expect(ldapService.parse(least)).toMatchObject({
    kind: 'ldap',
    startTls: false,
    idAttribute: 'entryUUID',
    usernameAttribute: 'uid',
    pageSize: 500,
    timeoutMillis: 2_000,
    poolSize: 5,
    passwordWrites: false,
    writableAttributes: [],
  });
});

test.each(['ldap://127.0.0.1:3890', 'ldap://localhost', 'ldap://[::1]', 'ldaps://10.0.0.1:636'])(
  '%s carries no password in the clear to another machine',
  (url) => {
    expect(problemsOf({ urls: [url] })).toEqual([]);
  },
);

const named = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`name${at}`, value]));

describe('it names the setting and the way out', () => {
  test.each([
    ['no address', { urls: [] }, /^urls: /],
    ['another protocol', { urls: ['https://directory.example.com'] }, /^urls: Must be an address such as ldaps:/],
    ['an address with a base', { urls: ['ldaps://directory.example.com/dc=example'] }, /^urls: Must be an address/],
    ['an address with a name', { urls: ['ldaps://kim@directory.example.com'] }, /^urls: Must be an address/],
    ['a password in the clear', { urls: ['ldap://directory.example.com'] }, /^urls: .*set startTls, or use ldaps:/],
    ['text that is no certificate', { caCertificates: 'x' }, /^caCertificates: Must be certificates in PEM/],
    [
      'a key in place of certificates',
      { caCertificates: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' },
      /^caCertificates: /,
    ],
    [
      'a certificate that was cut',
      { caCertificates: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' },
      /^caCertificates: /,
    ],
    ['StartTLS within TLS', { startTls: true }, /^startTls: .*use ldap:\/\/ with startTls/],
    ['a name without a password', { bindDn: 'cn=reader' }, /^bindPassword: bindDn and bindPassword belong together/],
    ['a password without a name', { bindPassword: 'x' }, /^bindDn: bindDn and bindPassword belong together/],
    ['half a filter', { userFilter: '(uid=x' }, /^userFilter: Must be a filter in parentheses/],
    ['a filter as an attribute', { usernameAttribute: 'uid=*)(x' }, /^usernameAttribute: Must be the name/],
    ['the name as an attribute', { attributes: { username: 'uid' } }, /^attributes: /],
    ['secret answers as an attribute', { attributes: { kbaInfo: 'description' } }, /^attributes: /],
    [
      'two names for one attribute',
      { attributes: { mail: 'mail', contact: 'MAIL' } },
      /^attributes: Maps MAIL more than once: keep one name for each attribute/,
    ],
    ['a name that nobody keeps', { writableAttributes: ['nickname'] }, /^writableAttributes: attributes does not say/],
    [
      'more attributes than a look-up may ask for',
      { attributes: named(101, 'x') },
      /^attributes: Must have at most 100/,
    ],
    [
      'more groups than a look-up may compare',
      { roleOfGroup: named(101, 'owner') },
      /^roleOfGroup: Must have at most 100/,
    ],
    ['an id that changes', { kind: 'activeDirectory' }, /^idAttribute: Must be objectGUID/],
    ['an unknown role', { roleOfGroup: { 'cn=admins': 'king' } }, /^roleOfGroup: /],
    ['no time at all', { timeoutMillis: 0 }, /^timeoutMillis: /],
  ])('%s', (_what, given, problem) => {
    expect(problemsOf(given)).toContainEqual(expect.stringMatching(problem));
  });
});

test('what is stored and not usable is told by its first fault', () => {
  expect(readLdapService({ ...least, urls: [] })).toEqual({
    problem: expect.stringContaining('"ldap" has no usable urls'),
  });
  expect(readLdapService(least)).toHaveProperty('service');
});
