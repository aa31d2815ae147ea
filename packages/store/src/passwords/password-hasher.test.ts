import { JourneyError } from '@assent/engine';
import { expect, test } from 'vitest';
import { createPasswordHasher } from './password-hasher.ts';

const LANE = { realm: '/' };
const hasherOf = (concurrency = 2, queue = 50) => createPasswordHasher({ concurrency, queue, cost: 'cheap-for-tests' });

test('a wrong password, and any password of nobody, is refused', async () => {
  const hasher = hasherOf();
  const hash = await hasher.hash('correct horse', LANE);
  expect(await hasher.verify(hash, 'correct horses', LANE)).toBe(false);
  expect(await hasher.verify(hash, '', LANE)).toBe(false);
  expect(await hasher.verify(undefined, 'correct horse', LANE)).toBe(false);
  expect(await hasher.verify(undefined, '', LANE)).toBe(false);
  expect(await hasher.verify(hash, 'correct horse', LANE)).toBe(true);
});

test('nothing of a password is cut off: a NUL, or what comes after 72 bytes', async () => {
  const hasher = hasherOf();
  expect(await hasher.verify(await hasher.hash('a\0b', LANE), 'a\0c', LANE)).toBe(false);
  const long = 'x'.repeat(1_023);
  expect(await hasher.verify(await hasher.hash(`${long}1`, LANE), `${long}2`, LANE)).toBe(false);
});

test('a password is right however its letters were composed', async () => {
  const hasher = hasherOf();
  expect(await hasher.verify(await hasher.hash('caf\u00e9', LANE), 'cafe\u0301', LANE)).toBe(true);
});

test('the same password gets another hash each time', async () => {
  const hasher = hasherOf();
  expect(await hasher.hash('p', LANE)).not.toBe(await hasher.hash('p', LANE));
});

test('beyond the queue a hash is refused with the time to come back, and the others are done', async () => {
  const hasher = hasherOf(1, 2);
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash('p', LANE)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  const refused = results[3]?.status === 'rejected' ? results[3].reason : undefined;
  expect(refused).toBeInstanceOf(JourneyError);
  expect(refused).toMatchObject({ code: 'OVERLOADED', detail: { retryAfterSeconds: 1 } });
});

test('a hash that cannot be read frees its place for the next', async () => {
  const hasher = hasherOf(1, 0);
  await expect(hasher.verify('not a hash', 'p', LANE)).rejects.toThrow();
  expect(await hasher.hash('p', LANE)).toMatch(/^\$argon2id\$/);
});

test('a cheaper hash, or one of another kind, is to be made again; one with OWASP’s cost is not', async () => {
  const owasp = createPasswordHasher({ concurrency: 1, queue: 1 });
  expect(owasp.needsRehash(await hasherOf().hash('p', LANE))).toBe(true);
  expect(owasp.needsRehash('$2b$10$abcdefghijklmnopqrstuv')).toBe(true);
  const hash = await owasp.hash('p', LANE);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(owasp.needsRehash(hash)).toBe(false);
  expect(await owasp.verify(hash, 'p', LANE)).toBe(true);
});
