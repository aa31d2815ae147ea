import { expect, test } from 'vitest';
import { IMPORTED_SELECTOR } from '../model/recovery-codes.ts';
import { factorWorld } from '../testing/stored/factor-world.ts';
import { carriedCodeHash, codeKeyId, proofUnder, readCarriedCode } from './carried-codes.ts';
import { recoveryCodesAdapter } from './recovery-codes-adapter.ts';

const KEY = new Uint8Array(32).fill(3);
const CODE = '0123456789ABCDEF';
const hashOf = (userId: string, type: 'push' | 'oath' = 'push') =>
  carriedCodeHash(codeKeyId(KEY), userId, proofUnder(KEY, userId, type, CODE).toString('base64url'));

/** A user who has come with one code, of a key that is known here or not. */
const withCode = async (hash: string, key: Uint8Array | undefined) => {
  const world = factorWorld();
  const { dependencies, ports, user, unit } = world;
  const row = { id: 'code-1', realm: user.realm, userId: user.id, deviceType: 'push' as const };
  const rows = [{ ...row, selector: IMPORTED_SELECTOR, hash }];
  await ports.committer.commit([{ type: 'codes.replace', userId: user.id, deviceType: 'push', rows }]);
  const carriedCodeKey = async (keyId: string) => (keyId === codeKeyId(KEY) ? key : undefined);
  const codes = recoveryCodesAdapter({ ...dependencies, carriedCodeKey });
  return async (code: string, type: 'push' | 'oath' = 'push'): Promise<boolean> => {
    const step = unit();
    const verdict = await codes(step).use(user, type, code);
    await step.commit();
    return verdict === 'good';
  };
};

test('a code that another Assent has digested works once, for whom it was made there (SEC-44, SEC-45)', async () => {
  const use = await withCode(hashOf('id there'), KEY);
  expect(await use('1123456789ABCDEF')).toBe(false);
  expect(await use(CODE, 'oath')).toBe(false);
  expect(await use(CODE.toLowerCase().replace(/(.{4})/g, '$1-'))).toBe(true);
  expect(await use(CODE)).toBe(false);
});

test.each([
  ['of a key that nobody has', hashOf('id there'), undefined],
  ['under another key', hashOf('id there'), new Uint8Array(32).fill(4)],
  ['of another type', hashOf('id there', 'oath'), KEY],
])('one %s does not', async (_what, hash, key) => {
  expect(await (await withCode(hash, key))(CODE)).toBe(false);
});

test('a hash says as whose it was made, whatever letters the id has', () => {
  const proof = 'p'.repeat(43);
  const hash = carriedCodeHash(codeKeyId(KEY), 'Ä/.id', proof);
  expect(readCarriedCode(hash)).toMatchObject({ keyId: codeKeyId(KEY), userId: 'Ä/.id' });
  for (const other of [`{ASSENT}${proof}`, hash.slice(0, -1), `${hash}x`, '{SSHA-512}x', ''])
    expect(readCarriedCode(other)).toBeUndefined();
});
