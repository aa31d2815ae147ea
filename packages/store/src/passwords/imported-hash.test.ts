import { describe, expect, test } from 'vitest';
import { schemeOfHash, storedHash } from './imported-hash.ts';
import { createPasswordHasher } from './password-hasher.ts';

// Made by others than us: salted SHA by slappasswd of OpenLDAP (module pw-sha2), PBKDF2 by hashlib of Python in the form of OpenDJ's
// storage schemes, bcrypt by crypt(3), argon2 by the reference program; and two that are published.
const HASHES = [
  ['{SSHA}ijC9ZQClDnO32qZTuhIM6m5Crj1MH5tj', 'correct horse'],
  ['{ssha}ijC9ZQClDnO32qZTuhIM6m5Crj1MH5tj', 'correct horse'],
  ['{SSHA256}4nLPxSWUmX/Fhk0WVi1/XX/+ZgwQ3hLhVEjctlXeefdn2Dbh8hTMaw==', 'correct horse'],
  ['{SSHA384}9X03hKTuh1tvNfhggs2yFft8dAak+qje/7eZ41SVLy/ihFfzE5ZZuStjI1MYxKhf7egdcA5XJ3Q=', 'correct horse'],
  [
    '{SSHA512}3bSicRtE7Twh6imhQ+kBq+Y5g7njJYg9QUiWWAvY8RLpZ5EwWLuBFoEVk3gcr651cENskWO9g/tq8qVtpiwkqWY9W6cnJKNn',
    'correct horse',
  ],
  // RFC 6070: 4096 iterations over the salt `salt`.
  ['{PBKDF2}4096:SwB5AbdlSJq+rUnZJvch0GWkKcFzYWx0', 'password'],
  ['{PBKDF2}10000:IF4UejPH5Sni7s7H89KLJHixSw9zYWx0c2FsdA==', 'correct horse'],
  ['{PBKDF2-HMAC-SHA256}10:73darW3DSsPS6iwEMfHVfWk78RWuJwks/YyjgtwK9YlzYWx0c2FsdA==', 'correct horse'],
  [
    '{PBKDF2-HMAC-SHA512}10000:SRl9U3XB4V6sE0qgj2kNlpHjNAF/t80nzn08MIK9MikE40sYmo1/mbJe3iZlysoMZPTMtHWle6aKFgnsaKsZNHNhbHRzYWx0',
    'correct horse',
  ],
  // The test of crypt_blowfish.
  ['$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  ['{BCRYPT}$2b$05$0nK3TSsnLHRTi1WjGu7ooO6XUS.JqjSACiip4jX6qFI.9tOpVtwS6', 'correct horse'],
  ['{CRYPT}$2y$05$CCCCCCCCCCCCCCCCCCCCC.5kpTD25GePrSUcfL0i1f4KqzkSTLlJu', 'päss'],
  ['{ARGON2}$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA', 'password'],
] as const;

const argon2 = (costs: string, salt = 'AAAAAAAAAAA', digest = 'A'.repeat(22)) =>
  `{ARGON2}$argon2id$v=19$${costs}$${salt}$${digest}`;

const LANE = { realm: '/' };
const hasher = createPasswordHasher({ concurrency: 2, queue: 50, cost: 'cheap-for-tests' });

const stored = (text: string): string => {
  const read = storedHash(text);
  if ('fault' in read) throw new Error(read.fault);
  return read.hash;
};

describe.each(HASHES)('%s', (text, password) => {
  test('has its password and no other, and is to be made again', async () => {
    const hash = stored(text);
    expect(await hasher.verify(hash, password, LANE)).toBe(true);
    for (const wrong of [`${password} `, `x${password}`, '', `${password}\0`]) {
      expect(await hasher.verify(hash, wrong, LANE), wrong).toBe(false);
    }
    const owasp = createPasswordHasher({ concurrency: 1, queue: 1 });
    expect(owasp.needsRehash(hash)).toBe(true);
  });
});

test('a password that was hashed elsewhere as it was typed is right however its letters are composed now', async () => {
  const composed = stored('$2y$05$CCCCCCCCCCCCCCCCCCCCC.5kpTD25GePrSUcfL0i1f4KqzkSTLlJu');
  expect(await hasher.verify(composed, 'pa\u0308ss', LANE)).toBe(true);
});

test.each([
  ['plain text', 'correct horse', 'scheme'],
  ['a digest without salt', '{SHA}ijC9ZQClDnO32qZTuhIM6m5Crj0=', 'scheme'],
  ['MD5', '{SMD5}ijC9ZQClDnO32qZTuhIM6m5Crj0=', 'scheme'],
  ['crypt(3) by DES', '{CRYPT}ab.Xy12345678', 'scheme'],
  ['a scheme that Object has', '{constructor}AAAA', 'scheme'],
  ['salted SHA without the salt', '{SSHA}ijC9ZQClDnO32qZTuhIM6m5Crj0=', 'form'],
  ['letters that are not of base 64', '{SSHA}ijC9ZQClDnO32qZTuhIM6m5Crj1MH5t!', 'form'],
  ['a salt without end', `{SSHA}${Buffer.alloc(85).toString('base64')}`, 'form'],
  ['more than any hash has', `{SSHA}${'A'.repeat(600)}`, 'form'],
  ['PBKDF2 without iterations', '{PBKDF2}SwB5AbdlSJq+rUnZJvchLQZaQpxzYWx0', 'form'],
  ['PBKDF2 with none', '{PBKDF2}0:SwB5AbdlSJq+rUnZJvchLQZaQpxzYWx0', 'form'],
  ['PBKDF2 without end', '{PBKDF2}4000000000:SwB5AbdlSJq+rUnZJvchLQZaQpxzYWx0', 'cost'],
  ['bcrypt that was cut', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe', 'form'],
  ['bcrypt of an hour', '$2a$20$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'cost'],
  [
    'argon2 of 4 GiB',
    '$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
    'cost',
  ],
  ['argon2 with less memory than its lanes take', argon2('m=63,t=1,p=8'), 'form'],
  ['argon2 without a pass', argon2('m=64,t=0,p=1'), 'form'],
  ['argon2 without a lane', argon2('m=64,t=1,p=0'), 'form'],
  ['argon2 with a number in another spelling', argon2('m=064,t=1,p=1'), 'form'],
  ['argon2 whose salt has bits that no byte has', argon2('m=64,t=1,p=1', 'AAAAAAAAAAB'), 'form'],
  ['argon2 whose salt was cut', argon2('m=64,t=1,p=1', 'A'.repeat(13)), 'form'],
  ['argon2 whose digest has bits that no byte has', argon2('m=64,t=1,p=1', undefined, `${'A'.repeat(21)}B`), 'form'],
])('%s is not taken', (_what, text, fault) => {
  expect(storedHash(text)).toEqual({ fault });
});

test.each([
  argon2('m=8,t=1,p=1'),
  argon2('m=64,t=1,p=8'),
  argon2('m=64,t=1,p=1', 'A'.repeat(86), 'A'.repeat(86)),
  argon2('m=64,t=1,p=1', undefined, 'A'.repeat(16)),
  '{PBKDF2}1:AAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  `$2a$04$${'9'.repeat(53)}`,
  '{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAA',
])('what is taken is checked, and no guess at it fails in another way than by being wrong: %s', async (text) => {
  const fresh = createPasswordHasher({ concurrency: 1, queue: 1, cost: 'cheap-for-tests' });
  for (const guess of ['x', '', '\0', '\ud800', 'e\u0301'.repeat(500)]) {
    expect(await fresh.verify(stored(text), guess, LANE)).toBe(false);
  }
});

test('the scheme of a hash is told, and of a password in clear nothing', () => {
  expect(HASHES.map(([text]) => schemeOfHash(text))).not.toContain(undefined);
  expect(schemeOfHash('{SMD5}abc')).toBe('SMD5');
  expect(schemeOfHash('correct horse')).toBeUndefined();
  expect(schemeOfHash('{my own password}')).toBeUndefined();
});

test('bcrypt keeps nobody else waiting: the event loop turns meanwhile (performance.md rule 5)', async () => {
  // Cost 9 takes some 40 ms, which a loop that stands still shows as one turn.
  let turns = 0;
  const turn = setInterval(() => {
    turns += 1;
  }, 1);
  await hasher.verify('$2a$09$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'wrong', LANE);
  clearInterval(turn);
  expect(turns).toBeGreaterThan(5);
});

test('a hash that cannot be read is told without the hash', async () => {
  await expect(hasher.verify('{SSHA}secret', 'p', LANE)).rejects.toThrow('a stored hash cannot be read: form');
});
