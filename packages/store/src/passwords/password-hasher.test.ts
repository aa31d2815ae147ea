import { JourneyError } from '@assent/engine';
import { expect, test } from 'vitest';
import { createPasswordHasher } from './password-hasher.ts';

const hasherOf = (concurrency = 2, queue = 50) => createPasswordHasher({ concurrency, queue, cost: 'cheap-for-tests' });

test('a wrong password, and any password of nobody, is refused', async () => {
  const hasher = hasherOf();
  const hash = await hasher.hash('correct horse');
  expect(await hasher.verify(hash, 'correct horses')).toBe(false);
  expect(await hasher.verify(hash, '')).toBe(false);
  expect(await hasher.verify(undefined, 'correct horse')).toBe(false);
  expect(await hasher.verify(undefined, '')).toBe(false);
  expect(await hasher.verify(hash, 'correct horse')).toBe(true);
});

test('nothing of a password is cut off: a NUL, or what comes after 72 bytes', async () => {
  const hasher = hasherOf();
  expect(await hasher.verify(await hasher.hash('a\0b'), 'a\0c')).toBe(false);
  const long = 'x'.repeat(1_023);
  expect(await hasher.verify(await hasher.hash(`${long}1`), `${long}2`)).toBe(false);
});

test('a password is right however its letters were composed', async () => {
  const hasher = hasherOf();
  expect(await hasher.verify(await hasher.hash('caf\u00e9'), 'cafe\u0301')).toBe(true);
});

test('the same password gets another hash each time', async () => {
  const hasher = hasherOf();
  expect(await hasher.hash('p')).not.toBe(await hasher.hash('p'));
});

test('beyond the queue a hash is refused with the time to come back, and the others are done', async () => {
  const hasher = hasherOf(1, 2);
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash('p')));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  const refused = results[3]?.status === 'rejected' ? results[3].reason : undefined;
  expect(refused).toBeInstanceOf(JourneyError);
  expect(refused).toMatchObject({ code: 'OVERLOADED', detail: { retryAfterSeconds: 1 } });
});

test('a hash that cannot be read frees its place for the next', async () => {
  const hasher = hasherOf(1, 0);
  await expect(hasher.verify('not a hash', 'p')).rejects.toThrow();
  expect(await hasher.hash('p')).toMatch(/^\$argon2id\$/);
});

test('a cheaper hash, or one of another kind, is to be made again; one with OWASP’s cost is not', async () => {
  const owasp = createPasswordHasher({ concurrency: 1, queue: 1 });
  expect(owasp.needsRehash(await hasherOf().hash('p'))).toBe(true);
  expect(owasp.needsRehash('$2b$10$abcdefghijklmnopqrstuv')).toBe(true);
  const hash = await owasp.hash('p');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(owasp.needsRehash(hash)).toBe(false);
  expect(await owasp.verify(hash, 'p')).toBe(true);
});
