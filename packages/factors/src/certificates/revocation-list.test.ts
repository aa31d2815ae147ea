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
  test('where a list of its issuer names others, in DER or PEM, or nobody', async () => {
    const list = issueRevocationList(authority, { serials: [Uint8Array.of(0xab, 2), Uint8Array.of(1)] });
    const pem = `-----BEGIN X509 CRL-----\n${Buffer.from(list).toString('base64')}\n-----END X509 CRL-----\n`;
    expect(await Promise.all([goodBy(list), goodBy(Buffer.from(pem)), goodBy(issueRevocationList(authority))])).toEqual(
      [true, true, true],
    );
  });

  test('by no list, by one that names it, and by one beside it that does not', async () => {
    const naming = issueRevocationList(authority, { serials: [Uint8Array.of(1), Uint8Array.of(0xab, 1)] });
    expect(await Promise.all([goodBy(), goodBy(naming), goodBy(naming, issueRevocationList(authority))])).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('by no list of another name, another key, another time, or with a bit turned', async () => {
    const turned = issueRevocationList(authority);
    turned[turned.length - 1] = (turned.at(-1) ?? 0) ^ 1;
    const others = [
      issueRevocationList({ ...authority, name: ATTESTATION_NAME }),
      issueRevocationList({ ...authority, key: newSoftwareKey() }),
      issueRevocationList(authority, { until: '20251231235959Z' }),
      issueRevocationList(authority, { from: '20260101000001Z' }),
      turned,
    ];
    expect(await Promise.all(others.map((list) => goodBy(list)))).toEqual([false, false, false, false, false]);
  });
});

describe('SEC-94: the entries of a list', () => {
  const numbered = (count: number) =>
    Array.from({ length: count }, (_, at) => Uint8Array.of(0x40, at >> 16, (at >> 8) & 0xff, at & 0xff));

  test('are left as they came, up to 100,000', async () => {
    const document = issueRevocationList(authority, { serials: [...numbered(99_999), Uint8Array.of(0, 0xab, 1)] });
    const read = readRevocationList(document);
    expect(read.revoked.buffer).toBe(document.buffer);
    // Nothing is made of an entry: no member has more parts than the ones that are named.
    expect(Object.values(read).filter((it) => typeof it === 'object' && !(it instanceof Uint8Array))).toEqual([]);
    expect(await isKnownGood(certificate, issuer, [read], NOW)).toBe(false);
    expect(() => readRevocationList(issueRevocationList(authority, { serials: numbered(100_001) }))).toThrow(
      'The list names more than 100000 certificates.',
    );
  });

  test('are compared by their whole number', async () => {
    const others = [[0xab], [0xab, 1, 0], [1], [0xab, 2], [1, 0xab, 1]].map((serial) => Uint8Array.from(serial));
    expect(await goodBy(issueRevocationList(authority, { serials: others }))).toBe(true);
  });

  test('take one turn of the event loop for each list', async () => {
    const lists = Array.from({ length: 20 }, () => readRevocationList(issueRevocationList(authority)));
    await isKnownGood(certificate, issuer, lists, NOW);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    await isKnownGood(certificate, issuer, lists, NOW);
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(20);
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
