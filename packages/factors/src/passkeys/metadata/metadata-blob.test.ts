import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readRevocationList } from '../../certificates/revocation-list.ts';
import {
  issueRevocationList,
  metadataEntry,
  newAuthority,
  newMetadataSigner,
  newSoftwareKey,
  sharedPasskeyJudge,
  sharedPasskeyLibrary,
  signedMetadata,
} from '../../testing/authenticator/index.ts';
import { type MetadataLibrary, type MetadataTrust, verifyMetadataBlob } from './metadata-blob.ts';

const NOW = Date.UTC(2026, 0, 1);
const AAGUID = '00112233-4455-6677-8899-aabbccddeeff';
const library = sharedPasskeyLibrary();
const metadataLibrary: MetadataLibrary = {
  metadataRoots: () => library.metadataRoots(),
  readMetadata: (call) => library.readMetadata(call),
  judgeChain: (call) => sharedPasskeyJudge().judgeChain(call),
};
const root = newAuthority('Root');
const signer = newMetadataSigner(root);
const TRUST: MetadataTrust = { roots: root.pem, signer: 'mds.fidoalliance.org', now: NOW };
const payload = { no: 7, entries: [metadataEntry(AAGUID, { roots: [root.certificate] })] };
const blob = signedMetadata(signer, payload);

const verify = (text: string, trust: Partial<MetadataTrust> = {}) =>
  verifyMetadataBlob(Buffer.from(text), { ...TRUST, ...trust }, metadataLibrary);
const faultOf = (text: string, trust: Partial<MetadataTrust> = {}) =>
  verify(text, trust).then(
    () => 'taken',
    ({ message }: Error) => message,
  );

const publicKeyOf = ({ certificates: [leaf = new Uint8Array()] }: typeof signer): string =>
  new X509Certificate(leaf).publicKey.export({ type: 'spki', format: 'pem' }).toString();

test('a blob says what is known of models, by its number and until when', async () => {
  const entries = [...payload.entries, { aaid: '4e4e#4005' }, { attestationCertificateKeyIdentifiers: [] }];
  expect(await verify(`${signedMetadata(signer, { ...payload, entries })}\n`)).toEqual({
    no: 7,
    nextUpdate: Date.UTC(2030, 0, 1),
    models: [
      {
        aaguid: AAGUID,
        description: 'Example Authenticator',
        statuses: [{ status: 'FIDO_CERTIFIED_L1', since: Date.UTC(2025, 0, 1) }],
        roots: [Buffer.from(root.certificate).toString('base64')],
        isHardware: true,
      },
    ],
  });
});

test('by a chain with an authority in between, to a root of the realm', async () => {
  const between = newAuthority('Between', { by: root });
  const { key, certificates } = newMetadataSigner(between);
  const chained = signedMetadata({ key, certificates: [...certificates, between.certificate] }, payload);
  expect(await verify(chained)).toMatchObject({ no: 7 });
  expect(await verify(chained, { roots: newAuthority('Other').pem + root.pem })).toMatchObject({ no: 7 });
});

describe('a blob is forged (WA-22)', () => {
  const [header = '', content = '', signature = ''] = blob.split('.');
  const other = newAuthority('Root');
  const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const none = { alg: 'none', x5c: signer.certificates.map((der) => Buffer.from(der).toString('base64')) };

  test.each<[string, string, string]>([
    [
      'with another payload',
      [header, text({ ...payload, no: 9, nextUpdate: '2030-01-01' }), signature].join('.'),
      'It cannot be verified: the signature is not',
    ],
    [
      'with another signature',
      [header, content, `${signature.slice(0, -4)}AAAA`].join('.'),
      'It cannot be verified: the signature is not',
    ],
    ['without a signature', `${header}.${content}.`, 'It cannot be verified'],
    ['cut', `${header}.${content}`, 'It cannot be verified: it is no JWS'],
    ['with a part more', `${blob}.x`, 'It cannot be verified: it is no JWS'],
    ['by no algorithm', `${text(none)}.${content}.`, 'It is signed in a way that is not known here.'],
    ['by a secret', signedMetadata(signer, payload, { alg: 'HS256' }), 'It is signed in a way that is not known here.'],
    ['with what has to be understood', signedMetadata(signer, payload, { crit: ['x'] }), 'It is signed in a way'],
    [
      'by a root that it brings along',
      signedMetadata(newMetadataSigner(other), payload),
      'Its certificates lead to no root',
    ],
    [
      'by another key than that of its certificate',
      signedMetadata({ ...signer, key: newSoftwareKey() }, payload),
      'It cannot be verified: the signature is not',
    ],
    [
      'by whoever has a certificate under the same root',
      signedMetadata(newMetadataSigner(root, 'www.example.com'), payload),
      'It is signed by somebody else than mds.fidoalliance.org.',
    ],
    [
      'by a certificate that was signed by that of the signer',
      (() => {
        const stolen = newMetadataSigner({
          ...root,
          key: signer.key,
          name: { commonName: 'mds.fidoalliance.org', organization: 'Example', unit: 'Metadata', country: 'AA' },
        });
        return signedMetadata({ ...stolen, certificates: [...stolen.certificates, ...signer.certificates] }, payload);
      })(),
      'Its certificates lead to no root',
    ],
    [
      'by a certificate that is over',
      signedMetadata(
        newMetadataSigner(root, undefined, { notBefore: '20200101000000Z', notAfter: '20210101000000Z' }),
        payload,
      ),
      'Its certificates lead to no root',
    ],
    [
      'by an address of certificates',
      signedMetadata(signer, payload, { x5c: undefined, x5u: 'https://evil.example' }),
      'It brings no certificates (x5c).',
    ],
    [
      'with no certificate in its list',
      signedMetadata({ ...signer, certificates: [] }, payload),
      'It brings no certificate (x5c).',
    ],
    [
      'with what is no certificate',
      signedMetadata(signer, payload, { x5c: ['AAAA'] }),
      'A certificate that it brings cannot be read.',
    ],
    ['as something else', '<html>Not found</html>', 'It is no JWS.'],
    ['as nothing', '', 'It is no JWS.'],
    ['without a number', signedMetadata(signer, { ...payload, no: undefined }), 'It has no number (no)'],
    ['without entries', signedMetadata(signer, { ...payload, entries: 'x' }), 'It cannot be verified'],
  ])('%s', async (_what, forged, fault) => {
    expect(await faultOf(forged)).toContain(fault);
  });

  test('by certificates of a realm whose own root it is not: that of the FIDO Alliance counts where none is given', async () => {
    expect(await faultOf(blob, { roots: '' })).toContain('Its certificates lead to no root');
    expect(await library.metadataRoots()).toContain('-----BEGIN CERTIFICATE-----');
  });

  test('by a name that the realm has not set', async () => {
    const own = signedMetadata(newMetadataSigner(root, 'mds.example.com'), payload);
    expect(await verify(own, { signer: 'mds.example.com' })).toMatchObject({ no: 7 });
    expect(await faultOf(own)).toContain('It is signed by somebody else');
  });
});

test('where revocation is enforced, a list has to say that the signer is still good', async () => {
  const good = [readRevocationList(issueRevocationList(root))];
  const revoked = [readRevocationList(issueRevocationList(root, { serials: [Uint8Array.of(77)] }))];
  expect(await verify(blob, { revocationLists: async () => good })).toMatchObject({ no: 7 });
  for (const lists of [[], revoked])
    expect(await faultOf(blob, { revocationLists: async () => lists })).toContain(
      'no list says that they are not revoked',
    );
});

describe('a blob of a trusted signer that is made to exhaust the server (SEC-93, SEC-94)', () => {
  const good = metadataEntry(AAGUID, { roots: [root.certificate] });
  const entryWith = (more: Readonly<Record<string, unknown>>) => metadataEntry(AAGUID, { roots: [], ...more });
  const signed = (...entries: readonly unknown[]) => signedMetadata(signer, { no: 7, entries });
  const times = <T>(many: number, value: T): T[] => Array(many).fill(value) as T[];
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  const TOO_MANY = 'it has more than 500000 values';

  test.each<[string, () => string, string]>([
    ['objects', () => signed(entryWith({ attestationRootCertificates: times(250_000, {}) })), TOO_MANY],
    ['lists', () => signed(entryWith({ keyProtection: times(250_000, []) })), TOO_MANY],
    ['numbers', () => signed(entryWith({ ignored: times(500_000, 1) })), TOO_MANY],
    ['texts', () => signed(entryWith({ ignored: times(500_000, '') })), TOO_MANY],
    [
      'members',
      () => signedMetadata(signer, Object.fromEntries(Array.from({ length: 250_000 }, (_, at) => [`k${at}`, 1]))),
      TOO_MANY,
    ],
    ['levels', () => signed(nested(33)), 'it is nested over 32 levels'],
    ['models', () => signed(...times(1_001, entryWith({ statuses: [] }))), 'it has more than 1000 models'],
    [
      'statuses of all models',
      () => signed(...times(101, entryWith({ statuses: times(50, 'REVOKED') }))),
      'its models have more than 5000 statuses',
    ],
    [
      'roots of all models',
      () => signed(...times(51, entryWith({ attestationRootCertificates: times(100, 'AAAA') }))),
      'its models have more than 5000 root certificates',
    ],
  ])('by its number of %s is refused, and the next one is read', async (_what, hostile, why) => {
    expect(await faultOf(hostile())).toBe(`It cannot be verified: ${why}`);
    expect(await verify(blob)).toMatchObject({ no: 7, models: [{ aaguid: AAGUID }] });
  });

  test('by millions of parts is refused', async () => {
    const [header = ''] = blob.split('.');
    expect(await faultOf(`${header}${'.'.repeat(10_000_000)}`)).toBe('It cannot be verified: it is no JWS');
  });

  test('counts nothing within texts, and takes as many values as an honest one may have', async () => {
    const texts = `\\"${',:[{'.repeat(200_000)}`;
    const taken = signed(good, { icon: texts, [texts]: '\\\\' }, times(490_000, 1), nested(25));
    expect(await verify(taken)).toMatchObject({ models: [{ aaguid: AAGUID }] });
  });

  test('leaves out models with too many or too long members, of which nothing reaches the main thread', async () => {
    const bad = [
      null,
      [],
      'x',
      {},
      { ...good, metadataStatement: null },
      { ...good, aaguid: 'x'.repeat(37) },
      entryWith({ description: 'x'.repeat(513) }),
      entryWith({ statuses: times(65, 'REVOKED') }),
      entryWith({ statuses: [{ status: 'x'.repeat(65) }] }),
      entryWith({ statuses: [{ status: 'REVOKED', effectiveDate: '2025-01-01T00' }] }),
      entryWith({ statuses: [{ status: {} }] }),
      entryWith({ attestationRootCertificates: times(129, 'AAAA') }),
      entryWith({ attestationRootCertificates: ['A'.repeat(16_385)] }),
      entryWith({ attestationRootCertificates: [{}] }),
      entryWith({ keyProtection: times(9, 'hardware') }),
      entryWith({ keyProtection: ['x'.repeat(65)] }),
    ];
    const more = { statusReports: [{ status: 'REVOKED', effectiveDate: '2025-01-01', url: 'x'.repeat(1_000) }] };
    const text = signed(...bad, { ...good, ...more });
    const key = publicKeyOf(signer);
    const read = await library.readMetadata({ blob: Buffer.from(text), algorithm: 'ES256', key });
    expect(read).toEqual({
      accepted: true,
      value: {
        no: 7,
        nextUpdate: '2030-01-01',
        entries: [
          {
            aaguid: AAGUID,
            description: 'Example Authenticator',
            statuses: [{ status: 'REVOKED', effectiveDate: '2025-01-01' }],
            roots: [Buffer.from(root.certificate).toString('base64')],
            keyProtection: ['hardware', 'secure_element'],
          },
        ],
      },
    });
  });
});
