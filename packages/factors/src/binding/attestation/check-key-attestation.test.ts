import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { BoundDeviceJwk } from '../../model/bound-device.ts';
import { BoundPhone, type ChainFlaws, type DescribedKey, TestAttester } from '../../testing/index.ts';
import { readRevokedSerials, readRoots } from './attestation-documents.ts';
import { type AttestationTrust, checkKeyAttestation } from './check-key-attestation.ts';

const NOW = Date.UTC(2026, 0, 1);
const CHALLENGE = randomBytes(32);
const google = new TestAttester();
const evil = new TestAttester();
const phone = new BoundPhone({ platform: 'ios' });
const described: DescribedKey = { challenge: CHALLENGE, applicationId: 'com.example.app' };
const trust: AttestationTrust = { roots: readRoots(google.rootCertificate), revoked: new Set(), now: NOW };

const keyOf = (of: BoundPhone) => of.jwk as unknown as BoundDeviceJwk;
const check = (certificates: readonly string[], change: Partial<AttestationTrust> = {}, of = phone) => {
  const checked = checkKeyAttestation(
    { key: keyOf(of), certificates, applicationId: 'com.example.app', challenge: CHALLENGE },
    { ...trust, ...change },
  );
  return checked.ok ? 'attested' : checked.reason;
};
const chainOf = (change: Partial<DescribedKey> = {}, flaws: ChainFlaws = {}, by = google) =>
  by.vouchFor(phone.publicKey, { ...described, ...change }, flaws);

describe('a key that the hardware of a phone keeps', () => {
  test('is attested under a root of the realm, in a chain that ends with it or before it', () => {
    const { certificates } = chainOf();
    expect(check(certificates)).toBe('attested');
    expect(check(certificates.slice(0, -1))).toBe('attested');
    expect(check(chainOf({ securityLevel: 2, keymasterLevel: 2 }).certificates)).toBe('attested');
  });
});

describe('is not attested (WA-45)', () => {
  const { certificates, serial } = chainOf();
  test.each<[what: string, chain: readonly string[], reason: string]>([
    ['without certificates', [], 'noCertificates'],
    ['by what are none', ['AAAA', '%', ...certificates], 'certificates'],
    ['by very many', Array(9).fill(certificates[0]), 'certificates'],
    ['by certificates that do not follow', [certificates[0] ?? '', certificates[2] ?? ''], 'chain'],
    ['by the root of somebody else, which it brings along (WA-21)', chainOf({}, {}, evil).certificates, 'untrusted'],
    ['by its own certificate alone', certificates.slice(0, 1), 'untrusted'],
    ['by a certificate that has run out', chainOf({}, { until: '20210101000000Z' }).certificates, 'notInTime'],
    ['by a key that was itself attested', chainOf({}, { isUnderKey: true }).certificates, 'chain'],
    ['in software', chainOf({ securityLevel: 0 }).certificates, 'software'],
    ['where software keeps it', chainOf({ keymasterLevel: 0 }).certificates, 'software'],
    ['where it was brought there', chainOf({ origin: 2 }).certificates, 'imported'],
    ['for another challenge', chainOf({ challenge: randomBytes(32) }).certificates, 'otherChallenge'],
    ['for an empty challenge', chainOf({ challenge: new Uint8Array() }).certificates, 'otherChallenge'],
    ['for another app', chainOf({ applicationId: 'com.example.evil' }).certificates, 'otherApplication'],
    ['without a description', google.vouchFor(phone.publicKey, undefined).certificates, 'description'],
  ])('%s', (_what, chain, reason) => {
    expect(check(chain)).toBe(reason);
  });

  test('by the certificates of another key', () => {
    expect(check(certificates, {}, new BoundPhone({ platform: 'ios' }))).toBe('otherKey');
  });

  test('where its certificate, or the one above it, is revoked', () => {
    expect(check(certificates, { revoked: new Set([serial]) })).toBe('revoked');
    expect(check(certificates, { revoked: new Set([google.batchSerial]) })).toBe('revoked');
    const list = { entries: { [`00${serial.toUpperCase()}`]: { status: 'SUSPENDED' } } };
    expect(check(certificates, { revoked: readRevokedSerials(Buffer.from(JSON.stringify(list))) })).toBe('revoked');
  });

  test('with any byte of its certificate changed', () => {
    const bytes = Buffer.from(certificates[0] ?? '', 'base64');
    for (let at = 0; at < bytes.length; at += 29) {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ 0x10;
      expect(check([other.toString('base64'), ...certificates.slice(1)]), String(at)).not.toBe('attested');
    }
  });
});

describe('what a realm lists', () => {
  test('are roots as certificates or keys, in text or in JSON', () => {
    const key = phone.publicKey.export({ type: 'spki', format: 'pem' });
    expect(readRoots(`${google.rootCertificate}\n${key}`)).toHaveLength(2);
    expect(readRoots(JSON.stringify([google.rootCertificate, evil.rootCertificate]))).toHaveLength(2);
  });

  test.each(['', '[]', '{}', '[7]', 'x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'is no root: %j',
    (text) => {
      expect(() => readRoots(text)).toThrow();
    },
  );

  test.each(['', '[]', '{}', '{"entries":[]}', 'null'])('is no list of what is revoked: %j', (text) => {
    expect(() => readRevokedSerials(Buffer.from(text))).toThrow();
  });
});

test('SEC-94: a list of revoked keys is counted before it is parsed', () => {
  const listOf = (members: number): Buffer =>
    Buffer.from(
      JSON.stringify({ entries: Object.fromEntries(Array.from({ length: members }, (_, at) => [`a${at}`, 0])) }),
    );
  expect(readRevokedSerials(listOf(49_000)).size).toBe(49_000);
  expect(() => readRevokedSerials(listOf(50_000))).toThrow('The list has more than 100000 values.');
  // It is no JSON, and would be refused as such once it were parsed.
  expect(() => readRevokedSerials(Buffer.from('['.repeat(100_001)))).toThrow('more than 100000 values');
});
