import { nameCallback, passwordCallback } from '@assent/engine';
import { newAuthority } from '@assent/factors/testing';
import { describe, expect, test } from 'vitest';
import {
  remarksOnAlgorithms,
  remarksOnAttestation,
  remarksOnMediation,
  remarksOnOrigins,
} from './webauthn-settings.ts';

describe('origins that cannot belong to the relying party (J-P3)', () => {
  const relyingPartyDomain = 'example.com';
  const remarks = (settings: Parameters<typeof remarksOnOrigins>[0]) =>
    remarksOnOrigins(settings).map(({ what, severity }) => `${severity} ${what}`);
  const APP = 'android:apk-key-hash:abc';

  test.each(['https://example.org', 'https://badexample.com', 'https://example.com.evil.example'])(
    'a page elsewhere: %s',
    (origin) => {
      expect(remarks({ relyingPartyDomain, origins: [origin] })).toEqual([
        `warning takes answers from ${origin}, where browsers use no passkey of example.com unless it lists that origin`,
      ]);
    },
  );

  test('an app, where no host name is set', () => {
    expect(remarks({ origins: [APP] })).toEqual([
      `warning takes answers of the app ${APP}, and no host name follows from that`,
    ]);
    expect(remarks({ relyingPartyDomain, origins: [APP, 'ios:bundle-id:com.example'] })).toEqual([]);
  });

  test('pages of the relying party, of a name below it, and any at all where the realm says whose they are', () => {
    const origins = ['https://example.com', 'https://login.example.com:8443', 'http://example.com'];
    expect(remarks({ relyingPartyDomain, origins })).toEqual([]);
    expect(remarks({ origins: ['https://example.org'] })).toEqual([]);
    expect(remarks({ relyingPartyDomain: '', origins: ['https://example.org'] })).toEqual([]);
  });
});

test('RS1 is named, and nothing else (J-P3, WA-09)', () => {
  expect(remarksOnAlgorithms({ acceptedSigningAlgorithms: ['ES256', 'RS1'] })).toMatchObject([
    { code: 'J-P3', severity: 'warning', fix: 'Take RS1 out of acceptedSigningAlgorithms.' },
  ]);
  expect(remarksOnAlgorithms({ acceptedSigningAlgorithms: ['ES256', 'RS256', 'EDDSA'] })).toEqual([]);
});

describe('what a device says of itself (J-P4)', () => {
  const trustalias = newAuthority('Root').pem;
  const remarks = (settings: { level?: string; preference?: string; alias?: string }, service?: object | null) =>
    remarksOnAttestation(
      {
        attestationPreference: settings.preference ?? 'DIRECT',
        fidoCertificationLevel: settings.level ?? 'OFF',
        trustStoreAlias: settings.alias ?? 'trustalias',
      },
      service === null ? {} : { services: () => service && { ...service } },
    ).map(({ code, severity }) => `${code} ${severity}`);

  test('is believed by nobody in a realm without certificates under the alias, and without metadata', () => {
    for (const service of [undefined, {}, { trustStores: { other: trustalias } }, { trustStores: 'x' }])
      expect(remarks({}, service)).toEqual(['J-P4 info']);
    expect(remarks({}, { trustStores: { trustalias } })).toEqual([]);
    expect(remarks({}, { fidoMetadataServiceUris: ['https://mds3.fidoalliance.org/'] })).toEqual([]);
    expect(remarks({ preference: 'INDIRECT' }, undefined)).toEqual([]);
  });

  test('SEC-93: nodes of a realm have its certificates read once, however many they are', () => {
    let reads = 0;
    const service = Object.defineProperty({}, 'trustStores', {
      enumerable: true,
      get: () => {
        reads += 1;
        return { trustalias };
      },
    });
    const settings = { attestationPreference: 'DIRECT', fidoCertificationLevel: 'OFF', trustStoreAlias: 'trustalias' };
    for (let n = 0; n < 50; n += 1) expect(remarksOnAttestation(settings, { services: () => service })).toEqual([]);
    expect(reads).toBe(1);
  });

  test('reaches no level in a realm without metadata, which lets nobody in (WA-22)', () => {
    const level = 'FIDO_CERTIFIED_L1';
    expect(remarks({ level }, { trustStores: { trustalias } })).toEqual(['J-P4 error']);
    expect(remarks({ level }, { fidoMetadataServiceUris: ['https://mds3.fidoalliance.org/'] })).toEqual([]);
  });

  test('is judged in no realm yet where files are checked by themselves', () => {
    expect(remarks({ level: 'FIDO_CERTIFIED_L1' }, null)).toEqual([]);
  });
});

test('passkeys are offered where a name is typed on the same page, and nowhere else (J-P5)', () => {
  const codes = (mediation: string | undefined, ...beside: Parameters<typeof remarksOnMediation>[1]['beside']) =>
    remarksOnMediation({ mediation }, { beside }).map(({ code }) => code);
  expect(codes('conditional')).toEqual(['J-P5']);
  expect(codes('conditional', [passwordCallback])).toEqual(['J-P5']);
  expect(codes('conditional', [passwordCallback], [nameCallback])).toEqual([]);
  // Of a node of somebody else's, nobody here knows.
  expect(codes('conditional', 'anything')).toEqual([]);
  expect(codes(undefined)).toEqual([]);
});
