import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ATTESTATION_NAME,
  issueCertificate,
  issueRevocationList,
  newAuthority,
  newSoftwareKey,
} from '../testing/authenticator/index.ts';
import { isKnownGood, readRevocationList } from './revocation-list.ts';

const NOW = Date.UTC(2026, 0, 1);
const authority = newAuthority('Root');
const issuer = new X509Certificate(authority.certificate);
const certificate = new X509Certificate(
  issueCertificate(authority, {
    serial: Uint8Array.of(0xab, 1),
    subject: ATTESTATION_NAME,
    subjectKey: newSoftwareKey().publicKey,
  }),
);
const goodBy = (...documents: readonly Uint8Array[]) =>
  isKnownGood(certificate, issuer, documents.map(readRevocationList), NOW);

describe('a certificate is known to be good', () => {
  test('where a list of its issuer names others, in DER or PEM, or nobody', () => {
    const list = issueRevocationList(authority, { serials: [Uint8Array.of(0xab, 2), Uint8Array.of(1)] });
    const pem = `-----BEGIN X509 CRL-----\n${Buffer.from(list).toString('base64')}\n-----END X509 CRL-----\n`;
    expect([goodBy(list), goodBy(Buffer.from(pem)), goodBy(issueRevocationList(authority))]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('by no list, by one that names it, and by one beside it that does not', () => {
    const naming = issueRevocationList(authority, { serials: [Uint8Array.of(1), Uint8Array.of(0xab, 1)] });
    expect([goodBy(), goodBy(naming), goodBy(naming, issueRevocationList(authority))]).toEqual([false, false, false]);
  });

  test('by no list of another name, another key, another time, or with a bit turned', () => {
    const turned = issueRevocationList(authority);
    turned[turned.length - 1] = (turned.at(-1) ?? 0) ^ 1;
    const others = [
      issueRevocationList({ ...authority, name: ATTESTATION_NAME }),
      issueRevocationList({ ...authority, key: newSoftwareKey() }),
      issueRevocationList(authority, { until: '20251231235959Z' }),
      issueRevocationList(authority, { from: '20260101000001Z' }),
      turned,
    ];
    expect(others.map((list) => goodBy(list))).toEqual([false, false, false, false, false]);
  });
});

test('a list that is of some certificates alone is none', () => {
  // RFC 5280 §5.2.5: issuing distribution point.
  const list = issueRevocationList(authority, { critical: ['2.5.29.28'] });
  expect(() => readRevocationList(list)).toThrow(/of some certificates alone/);
});

test('what is no list is refused, wherever it is cut', () => {
  const list = issueRevocationList(authority, { serials: [Uint8Array.of(1)] });
  for (let length = 0; length < list.length; length += 1)
    expect(() => readRevocationList(list.subarray(0, length)), String(length)).toThrow(RangeError);
  expect(() => readRevocationList(authority.certificate)).toThrow(RangeError);
});
