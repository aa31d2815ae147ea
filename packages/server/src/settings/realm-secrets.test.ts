import { expect, test } from 'vitest';
import { realmSecret, secretUseOf } from './realm-secrets.ts';

test.each<[string, readonly string[], string, ReturnType<typeof secretUseOf>]>([
  ['no entry', [], 'esv.smtp.password', undefined],
  ['an entry of another realm', ['/beta=esv.smtp.password'], 'esv.smtp.password', undefined],
  ['an entry without a host', ['/alpha=esv.smtp.password'], 'esv-smtp-password', {}],
  [
    'an entry with a host',
    ['/alpha=esv.smtp.password@Mail.example.com'],
    'esv.smtp.password',
    { hosts: ['mail.example.com'] },
  ],
  ['two hosts', ['/alpha=esv.a.*@one', '/alpha=esv.a.*@[::1]'], 'esv.a.b', { hosts: ['one', '[::1]'] }],
  ['a host and an entry without one', ['/alpha=esv.a.b@one', '/alpha=esv.a.b'], 'esv.a.b', {}],
  [
    'a prefix without a host and the very name with one',
    ['/alpha=esv.a.*', '/alpha=esv.a.b@one'],
    'esv.a.b',
    { hosts: ['one'] },
  ],
  [
    'a prefix that another realm names more exactly',
    ['/alpha=esv.alpha.*', '/alpha-eu=esv.alpha-eu.*'],
    'esv.alpha.eu.smtp.password',
    undefined,
  ],
  ['a name that another realm has whole', ['/alpha=esv.alpha.*', '/beta=esv.alpha.eu'], 'esv.alpha.eu', undefined],
  [
    'a prefix that another realm names as exactly',
    ['/alpha=esv.shared.*@one', '/beta=esv.shared.*@two'],
    'esv.shared.x',
    { hosts: ['one'] },
  ],
  ['a prefix that another realm names less exactly', ['/=esv.a.*', '/alpha=esv.a.b.*'], 'esv.a.b.c', {}],
  ['the same for another name', ['/alpha=esv.a.*', '/alpha=esv.a.b@one'], 'esv.a.c', {}],
])('%s says how a realm may use a secret (SEC-92)', (_, entries, name, expected) => {
  expect(entries.every((entry) => realmSecret.safeParse(entry).success)).toBe(true);
  expect(secretUseOf(entries, '/alpha', name)).toEqual(expected);
});

test.each(['/a=esv.b@', '/a=esv.b@x/y', '/a=esv.b@a b', '/a=esv.b@x:25', '/a=esv.b@one@two'])(
  '%s is no entry',
  (entry) => {
    expect(realmSecret.safeParse(entry).success).toBe(false);
  },
);
