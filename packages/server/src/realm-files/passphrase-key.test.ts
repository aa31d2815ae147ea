import { expect, test } from 'vitest';
import { passphraseKey } from './passphrase-key.ts';

const SALT = Buffer.alloc(16, 7);

test('files are sealed under scrypt with N = 2^17, r = 8 and p = 1, whatever else may change (OPS-64)', async () => {
  const key = await passphraseKey('correct horse battery staple')(SALT);
  expect(key.toString('hex')).toBe('bde79e645b9e8e1c2cb4d10ff74aa53f6d9fd72d7ef96a75af4a9b62308c53b7');
});

test('a passphrase is the same however its letters are composed, and its key another one with another salt', async () => {
  const [composed, decomposed] = ['\u00e9', 'e\u0301'].map((it) => passphraseKey(it, 'cheap-for-tests'));
  expect(await composed?.(SALT)).toEqual(await decomposed?.(SALT));
  expect(await composed?.(Buffer.alloc(16, 8))).not.toEqual(await composed?.(SALT));
});
