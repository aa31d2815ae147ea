import { randomBytes } from 'node:crypto';
import { movableClock } from '@assent/push/testing';
import { describe, expect, test } from 'vitest';
import type { BoundDeviceJwk } from '../../model/bound-device.ts';
import { BoundPhone, TestAttester } from '../../testing/index.ts';
import { keyAttestationsAdapter } from './key-attestations-adapter.ts';

const DAY = 24 * 3_600_000;
const ROOTS = 'https://roots.example/list';
const REVOKED = 'https://revoked.example/status';
const CHALLENGE = randomBytes(32);
const google = new TestAttester();
const phone = new BoundPhone({ platform: 'ios' });
const vouched = google.vouchFor(phone.publicKey, { challenge: CHALLENGE, applicationId: 'com.example.app' });

/** Two documents that a test changes, and a realm that reads them. */
const setUp = (config: object | null = { publicKeyUrl: ROOTS, crlUrl: REVOKED }, realms = ['/alpha']) => {
  const clock = movableClock(Date.UTC(2026, 0, 1));
  const documents = new Map([
    [ROOTS, JSON.stringify([google.rootCertificate])],
    [REVOKED, JSON.stringify({ entries: {} })],
  ]);
  const asked: string[] = [];
  const adapter = keyAttestationsAdapter({
    clock,
    timer: () => () => undefined,
    configuration: {
      service: (realm, type) =>
        realms.includes(realm) && config !== null ? { realm, type, config: { ...config } } : undefined,
    },
    requests: {
      of: () => ({
        async send(url) {
          asked.push(url.href);
          const text = documents.get(url.href);
          if (text === undefined) throw new Error('nobody there');
          return { status: text === '' ? 500 : 200, headers: {}, body: Buffer.from(text) };
        },
      }),
    },
  });
  const check = async (realm = '/alpha') => {
    const attested = {
      key: phone.jwk as unknown as BoundDeviceJwk,
      certificates: vouched.certificates,
      applicationId: 'com.example.app',
      challenge: CHALLENGE,
    };
    const { status, ...more } = await adapter({ realm: { realm } } as never).check(attested);
    return 'reason' in more ? more.reason : status;
  };
  return { clock, documents, asked, check };
};

describe('attestation closes (WA-45)', () => {
  test('where the realm has no service, or one without roots, and the roots of another realm count for nothing (WA-21)', async () => {
    expect(await setUp(null).check()).toBe('noRoots');
    expect(await setUp({ publicKeyUrl: '' }).check()).toBe('noRoots');
    const it = setUp();
    expect(await it.check('/alpha')).toBe('attested');
    expect(await it.check('/beta')).toBe('noRoots');
  });

  test('where the roots or the list of what is revoked cannot be read', async () => {
    for (const missing of [ROOTS, REVOKED]) {
      for (const text of [undefined, '', 'x', '{}']) {
        const it = setUp();
        if (text === undefined) it.documents.delete(missing);
        else it.documents.set(missing, text);
        expect(await it.check()).toBe('unknown');
      }
    }
  });

  test('for a key whose certificate was revoked since the list was read last, from the next day on', async () => {
    const it = setUp();
    expect(await it.check()).toBe('attested');
    it.documents.set(REVOKED, JSON.stringify({ entries: { [vouched.serial]: { status: 'REVOKED' } } }));
    expect(await it.check()).toBe('attested');
    it.clock.advance(DAY);
    expect(await it.check()).toBe('revoked');
  });

  test('a week after a list was read that cannot be read again; until then it goes by what it has read', async () => {
    const it = setUp();
    expect(await it.check()).toBe('attested');
    it.documents.clear();
    it.clock.advance(7 * DAY - 1);
    expect(await it.check()).toBe('attested');
    it.clock.advance(1);
    expect(await it.check()).toBe('unknown');
    it.documents.set(ROOTS, google.rootCertificate).set(REVOKED, '{"entries":{}}');
    it.clock.advance(60_000);
    expect(await it.check()).toBe('attested');
  });
});

test('documents are read once a day, by all who ask at the same time together, and not again at once where nobody is there', async () => {
  const it = setUp();
  expect(await Promise.all([it.check(), it.check(), it.check()])).toEqual(['attested', 'attested', 'attested']);
  expect(it.asked.toSorted()).toEqual([REVOKED, ROOTS]);
  it.documents.clear();
  it.clock.advance(DAY);
  await it.check();
  await it.check();
  expect(it.asked).toHaveLength(4);
});

test('a realm may list its roots itself, and want no list of what is revoked', async () => {
  const it = setUp({ rootCertificates: google.rootCertificate, crlUrl: '' });
  expect(await it.check()).toBe('attested');
  expect(it.asked).toEqual([]);
});

test('SEC-93: no list of what is revoked is read for a chain that leads to no root of the realm', async () => {
  const it = setUp();
  it.documents.set(ROOTS, JSON.stringify([new TestAttester().rootCertificate]));
  expect(await it.check()).toBe('untrusted');
  expect(it.asked).toEqual([ROOTS]);
});
