import { expect, test } from 'vitest';
import { factorWorld } from '../testing/stored/factor-world.ts';
import { importedCodeHash, isImportedCode } from './imported-codes.ts';
import { recoveryCodeSets } from './recovery-code-set.ts';

// Made by hashlib of Python, in the form that AM's `Hashes.secureHash` is published to write.
const HASH =
  '{SSHA-512}FHR3ZW50eSBieXRlcyBvZiBzYWx0/US0ke+pOFIP0Xm3tdwDylMvguyV5X0tbyiDhLeoS7N2DHDjqj40fMtYt5sUb4nYML3JPTZBbG/mLleTfyROkg==';
const CODE = 'z0WKEw0Wc8';

/** A user who came with codes of another server, for phones and for generators. */
const withImported = async (...stored: readonly string[]) => {
  const world = factorWorld();
  const sets = recoveryCodeSets(world.dependencies);
  const change = (deviceType: 'push' | 'oath') => {
    const owner = { realm: '/', userId: world.user.id, deviceType };
    const rows = stored.flatMap((it) => sets.importedRowOf(owner, it) ?? []);
    return { type: 'codes.replace', userId: world.user.id, deviceType, rows } as const;
  };
  await world.ports.committer.commit([change('push'), change('oath')]);
  const use = async (code: string, type: 'push' | 'oath' = 'push') => {
    const unit = world.unit();
    const verdict = await world.bind.codes(unit).use(world.user, type, code);
    return verdict === 'good' && (await unit.commit()).committed;
  };
  return { ...world, use, left: () => world.ports.codes().length };
};

test.each([
  ['hashed', HASH],
  ['in clear', CODE],
])(
  'a code of another server that was kept %s works once, as either type, and as it was written',
  async (_how, stored) => {
    const { use, left, events } = await withImported(stored, 'AAAAAAAAAA', 'BBBBBBBBBB');
    expect(left()).toBe(6);
    for (const wrong of [CODE.toUpperCase(), `${CODE}x`, 'z0WK-Ew0W-c8']) expect(await use(wrong)).toBe(false);
    expect(await use(` ${CODE} `)).toBe(true);
    expect(left()).toBe(4);
    for (const type of ['push', 'oath'] as const) expect(await use(CODE, type)).toBe(false);
    expect(events().filter((event) => event === 'RECOVERY_USED')).toHaveLength(1);
  },
);

test('of fifty journeys that use one imported code one has used it (A101, SEC-45)', async () => {
  const { use } = await withImported(HASH);
  const all = await Promise.all(Array.from({ length: 50 }, () => use(CODE)));
  expect(all.filter((isRight) => isRight)).toHaveLength(1);
});

test('a code in clear is kept as ours are, and in clear nowhere (SEC-44)', async () => {
  const { ports } = await withImported(CODE);
  expect(JSON.stringify(ports.codes())).not.toContain(CODE);
  expect(new Set(ports.codes().map(({ hash }) => hash)).size).toBe(2);
});

test('a new set of ours takes the place of imported codes', async () => {
  const { use, bind, unit, user } = await withImported(HASH);
  const step = unit();
  const [fresh = ''] = await bind.codes(step).replace(user.id, 'push');
  await step.commit();
  expect(await use(CODE)).toBe(false);
  expect(await use(fresh)).toBe(true);
});

test.each([
  ['a scheme that is not known', '{SCRYPT}abcdefghijkl'],
  ['a digest that was cut', HASH.slice(0, -8)],
  ['a salt that is longer than all', `{SSHA-512}${Buffer.alloc(85, 255).toString('base64')}`],
  ['no salt', `{SSHA-512}${Buffer.alloc(65).toString('base64')}`],
  ['a short code', 'abc1234'],
  ['no code', ''],
])('%s is not taken, and is the code of nothing', async (_what, stored) => {
  expect(importedCodeHash(stored)).toBeUndefined();
  expect(isImportedCode(stored, CODE)).toBe(false);
  expect((await withImported(stored)).left()).toBe(0);
});
