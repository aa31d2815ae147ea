import { describe, expect, test } from 'vitest';
import { keptSecretsOf, withSecret } from './client-secret.ts';

const digestOf = (byte: number) => Buffer.alloc(32, byte);
const kept = (byte: number) => digestOf(byte).toString('base64url');
const generated = (byte: number) => ({ digest: digestOf(byte), isGenerated: true });
const imported = (byte: number) => ({ digest: digestOf(byte), isGenerated: false });

describe('what is kept of the secrets of a client (SEC-96)', () => {
  test('a digest alone, as it was kept before, is of a secret that may be guessed', () => {
    expect(keptSecretsOf({ secretDigest: kept(1) })).toEqual([{ digest: kept(1), isGenerated: false }]);
    expect(keptSecretsOf({})).toEqual([]);
  });

  test('a secret replaces the one before at once, or after a time', () => {
    const first = { secretDigest: withSecret(undefined, generated(1)) };
    expect(keptSecretsOf({ secretDigest: withSecret(first, generated(2)) })).toEqual([
      { digest: kept(2), isGenerated: true },
    ]);
    const second = { secretDigest: withSecret(first, imported(2), 5_000) };
    expect(keptSecretsOf(second)).toEqual([
      { digest: kept(2), isGenerated: false },
      { digest: kept(1), isGenerated: true, goodUntil: 5_000 },
    ]);
    expect(keptSecretsOf({ secretDigest: withSecret(second, generated(3), 9_000) })).toEqual([
      { digest: kept(3), isGenerated: true },
      { digest: kept(2), isGenerated: false, goodUntil: 9_000 },
    ]);
  });

  test('a secret that is set again stays generated, and ends an old one', () => {
    const first = { secretDigest: withSecret(undefined, generated(1)) };
    const second = { secretDigest: withSecret(first, generated(2), 5_000) };
    expect(keptSecretsOf({ secretDigest: withSecret(second, imported(2)) })).toEqual([
      { digest: kept(2), isGenerated: true },
    ]);
  });

  test('a text that is no digest is no secret, and no third one is read', () => {
    expect(keptSecretsOf({ secretDigest: 'g: @5' })).toEqual([]);
    expect(keptSecretsOf({ secretDigest: `${kept(1)} ${kept(2)}@5 ${kept(3)}` })).toHaveLength(2);
  });
});
