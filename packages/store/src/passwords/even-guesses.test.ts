import { expect, test } from 'vitest';
import { evenGuesses } from './even-guesses.ts';

const CHEAP = '{SSHA}ijC9ZQClDnO32qZTuhIM6m5Crj1MH5tj';
const SLOW = '{PBKDF2}10000:IF4UejPH5Sni7s7H89KLJHixSw9zYWx0c2FsdA==';
const SLOWER = '$2b$10$0nK3TSsnLHRTi1WjGu7ooO6XUS.JqjSACiip4jX6qFI.9tOpVtwS6';
const OURS = '$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** What each guess has cost, in kinds of hash. */
const counted = () => {
  let costs: string[] = [];
  const check = evenGuesses({
    ours: async (hash, password) => {
      costs.push('argon2');
      return hash !== undefined && password === 'right';
    },
    imported: async (hash, password) => {
      costs.push(
        hash.kind === 'pbkdf2' ? `pbkdf2 ${hash.iterations}` : 'cost' in hash ? `bcrypt ${hash.cost}` : hash.kind,
      );
      return password === 'right' && !('text' in hash && hash.text.endsWith('....'));
    },
  });
  return async (hash: string | undefined, password = 'wrong') => {
    costs = [];
    expect(await check(hash, password)).toBe(password === 'right' && hash !== undefined);
    return costs.sort();
  };
};

test('before a hash of another server was met, a wrong guess takes one check of ours, also for nobody (SEC-56)', async () => {
  const guess = counted();
  expect(await guess(undefined)).toEqual(['argon2']);
  expect(await guess(OURS)).toEqual(['argon2']);
});

test('what takes no time to tell of changes nothing: a salted SHA', async () => {
  const guess = counted();
  expect(await guess(CHEAP)).toEqual(['argon2', 'digest']);
  expect(await guess(undefined)).toEqual(['argon2']);
});

test('from then on a wrong guess takes a check of the dearest kind as well, whoever it is for (SEC-56)', async () => {
  const guess = counted();
  await guess(SLOW);
  for (const hash of [undefined, OURS, SLOW]) expect(await guess(hash)).toEqual(['argon2', 'pbkdf2 10000']);
  await guess(SLOWER, 'right');
  for (const hash of [undefined, OURS, SLOW, SLOWER]) {
    expect(await guess(hash)).toEqual(['argon2', 'bcrypt 10', 'pbkdf2 10000']);
  }
  expect(await guess(CHEAP)).toEqual(['argon2', 'bcrypt 10', 'digest', 'pbkdf2 10000']);
});

test('whose hash is cheaper than the dearest of its kind is not told by what it takes, either (SEC-56)', async () => {
  const guess = counted();
  const of = (iterations: number) => SLOW.replace('10000', String(iterations));
  for (const iterations of [500_000, 400_000, 1, 7_000]) await guess(of(iterations));
  const sum = (costs: readonly string[]) => costs.reduce((all, it) => all + Number(it.split(' ')[1] ?? 0), 0);
  for (const hash of [undefined, OURS, of(500_000), of(400_000), of(1)]) expect(sum(await guess(hash))).toBe(500_000);

  const cost = (log: number) => SLOWER.replace('$10$', `$${String(log).padStart(2, '0')}$`);
  const rounds = (costs: readonly string[]) =>
    costs.reduce((all, it) => all + (it.startsWith('bcrypt') ? 2 ** Number(it.split(' ')[1]) : 0), 0);
  for (const log of [12, 4, 9]) await guess(cost(log));
  for (const hash of [undefined, OURS, of(1), cost(12), cost(9), cost(4)])
    expect(rounds(await guess(hash))).toBe(2 ** 12);
});

test('of argon2 the passes that are missing are made up for', async () => {
  const texts: string[] = [];
  const check = evenGuesses({
    ours: async () => false,
    imported: async (hash) => {
      texts.push('text' in hash ? hash.text : hash.kind);
      return false;
    },
  });
  const foreign = (passes: number) => `{ARGON2}${OURS.replace('m=64,t=1', `m=65536,t=${passes}`)}`;
  for (const passes of [3, 1]) {
    texts.length = 0;
    await check(foreign(passes), 'wrong');
  }
  expect(texts.map((text) => /t=\d/.exec(text)?.[0])).toEqual(['t=1', 't=2']);
});

test('a right password takes what its own hash takes', async () => {
  const guess = counted();
  await guess(SLOWER);
  expect(await guess(OURS, 'right')).toEqual(['argon2']);
  expect(await guess(SLOW, 'right')).toEqual(['pbkdf2 10000']);
});

test('the password that would open the decoy opens no account', async () => {
  const guess = counted();
  await guess(SLOWER);
  expect(await guess(undefined, 'right')).toEqual(['argon2', 'bcrypt 10']);
});
