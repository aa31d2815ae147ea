import { describe, expect, test } from 'vitest';
import {
  ATTESTATION_NAME,
  issueCertificate,
  newAuthority,
  newSoftwareKey,
  pemOf,
} from '../../testing/authenticator/index.ts';
import { outdatedCertificates, webAuthnMetadataService } from './metadata-service.ts';

const root = newAuthority('Root');
const issued = (options: Partial<Parameters<typeof issueCertificate>[1]> = {}) =>
  pemOf(
    issueCertificate(root, {
      serial: Uint8Array.of(5),
      subject: ATTESTATION_NAME,
      subjectKey: newSoftwareKey().publicKey,
      ...options,
    }),
  );
const problems = (settings: object) =>
  (webAuthnMetadataService.safeParse(settings).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

test('a realm that says nothing trusts nobody', () => {
  expect(webAuthnMetadataService.parse({})).toEqual({
    fidoMetadataServiceUris: [],
    enforceRevocationCheck: false,
    metadataRoots: '',
    metadataSigner: 'mds.fidoalliance.org',
    trustStores: {},
    revocationLists: [],
  });
});

test('it trusts roots, authorities and single authenticators, each with what OpenSSL writes round them', () => {
  const store = `subject=CN = Root\n${root.pem}\n# a key\n${issued()}`;
  expect(problems({ trustStores: { trustalias: store, 'other.one': '' }, metadataRoots: root.pem })).toEqual([]);
});

describe('settings that are wrong name what is', () => {
  test.each([
    ['no certificate', { trustStores: { a: 'x' } }, 'trustStores.a: Must be certificates in PEM'],
    [
      'a certificate that was cut',
      { trustStores: { a: `${root.pem}${root.pem.slice(0, 200)}\n-----END CERTIFICATE-----` } },
      'trustStores.a: Certificate 2 cannot be read.',
    ],
    ['an alias that no node can name', { trustStores: { 'a-1': root.pem } }, 'trustStores.a-1: '],
    ['roots of metadata that are none', { metadataRoots: 'x' }, 'metadataRoots: Must be certificates in PEM'],
    [
      'a root of metadata that is no authority',
      { metadataRoots: issued() },
      'metadataRoots: The certificate of Test Authenticator is not that of an authority',
    ],
    [
      'an address that is not safe',
      { fidoMetadataServiceUris: ['http://mds.example.com'] },
      'fidoMetadataServiceUris.0: Must be an address',
    ],
    ['an address that is none', { revocationLists: ['crl'] }, 'revocationLists.0: Must be an address'],
    ['a signer that is no host', { metadataSigner: 'https://x' }, 'metadataSigner: Must be a host name.'],
  ])('%s', (_what, settings, problem) => {
    expect(problems(settings)).toEqual([expect.stringContaining(problem)]);
  });
});

test('certificates that are over, or have not begun, are told by the setting that has them', () => {
  const trustStores = {
    trustalias: `${root.pem}${issued({ notBefore: '20200101000000Z', notAfter: '20210101000000Z' })}`,
    later: issued({ notBefore: '29990101000000Z' }),
    none: '',
  };
  expect(outdatedCertificates({ metadataRoots: root.pem, trustStores }, Date.UTC(2026, 0))).toEqual([
    {
      setting: 'trustStores.trustalias',
      certificate: 'Test Authenticator',
      from: 'Jan  1 00:00:00 2020 GMT',
      until: 'Jan  1 00:00:00 2021 GMT',
    },
    expect.objectContaining({ setting: 'trustStores.later', certificate: 'Test Authenticator' }),
  ]);
});

test.each(['fidoMetadataServiceUris', 'revocationLists'])(
  'no address of %s is a file, and the refusal says who names files (SEC-72)',
  (setting) => {
    for (const address of ['file:///etc/passwd', 'FILE:///etc/passwd', 'http://mds.example.com/']) {
      const { error } = webAuthnMetadataService.safeParse({ [setting]: [address] });
      expect(error?.issues.map(({ message }) => message)).toEqual([
        expect.stringContaining('ASSENT_AUTHENTICATOR_METADATA_FILES'),
      ]);
    }
  },
);
