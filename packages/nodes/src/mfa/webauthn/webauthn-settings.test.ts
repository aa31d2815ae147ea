import { describe, expect, test } from 'vitest';
import { remarksOnAlgorithms, remarksOnOrigins } from './webauthn-settings.ts';

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
