import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readCertificates } from '../../certificates/certificates.ts';
import { readRevocationList } from '../../certificates/revocation-list.ts';
import { type DescribedKey, TestAttester } from '../../testing/attestation-chain.ts';
import {
  ATTESTATION_NAME,
  type Attest,
  type AttestationKey,
  aaguidExtension,
  type CreateOptions,
  issueCertificate,
  issueRevocationList,
  metadataEntry,
  newAuthority,
  newSoftwareKey,
  packedAttestation,
  SoftwareAuthenticator,
  selfAttestation,
  sharedPasskeyJudge,
  u2fAttestation,
} from '../../testing/authenticator/index.ts';
import type { RegistrationAnswer } from '../ceremony/client-answer.ts';
import { readEdition } from '../trust/model-metadata.ts';
import { type AttestationPolicy, provenBy, readAttestationObject } from './attestation.ts';
import type { PasskeyJudge } from './passkey-library.ts';
import { PASSKEY_ALGORITHMS } from './public-key.ts';
import { encodeCbor } from './strict-cbor.ts';
import { type RegistrationExpectations, verifyRegistration } from './verify-registration.ts';

const CHALLENGE = Buffer.alloc(32, 7).toString('base64url');
const ORIGIN = 'https://login.example.com';
const RP_ID = 'example.com';
const AAGUID = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const PAGE = { challenge: CHALLENGE, origin: ORIGIN, rpId: RP_ID };
const POLICY: AttestationPolicy = {
  preference: 'none',
  trustedRoots: [],
  isRevocationEnforced: false,
  certificationLevel: 'OFF',
  modelOf: async () => undefined,
  revocationLists: async () => [],
  now: Date.now(),
};
const EXPECTED: RegistrationExpectations = {
  challenge: CHALLENGE,
  origins: [ORIGIN],
  rpId: RP_ID,
  isUserVerificationRequired: true,
  isUserPresenceRequired: true,
  algorithms: [PASSKEY_ALGORITHMS.ES256, PASSKEY_ALGORITHMS.RS256],
  attestation: POLICY,
  isRegistered: async () => false,
};

const judge = sharedPasskeyJudge();
/** Where a check of ours comes first, nobody else is asked. */
const unreachable: PasskeyJudge = {
  judgeRegistration: () => Promise.reject(new Error('The library was asked.')),
  judgeAssertion: () => Promise.reject(new Error('The library was asked.')),
  judgeChain: () => Promise.reject(new Error('The library was asked.')),
};

const made = (options: Partial<CreateOptions> = {}): RegistrationAnswer =>
  new SoftwareAuthenticator({ aaguid: AAGUID }).create({ ...PAGE, ...options }).answer;

const verify = (answer: RegistrationAnswer, expected: Partial<RegistrationExpectations> = {}, by = judge) =>
  verifyRegistration(answer, { ...EXPECTED, ...expected }, by);

test('a passkey is what its authenticator has signed', async () => {
  const answer = made({ flags: { BE: true, BS: true }, signCount: 4 });
  const verified = await verify(answer);
  expect(verified).toMatchObject({
    ok: true,
    credentialId: answer.credentialId,
    algorithm: -7,
    flags: { UP: true, UV: true, AT: true, ED: false, BE: true, BS: true },
    signCount: 4,
    aaguid: '00112233-4455-6677-8899-aabbccddeeff',
    attestation: 'NONE',
  });
});

describe('an origin is a text out of settings (WA-03)', () => {
  test.each([
    'http://login.example.com',
    'https://login.example.com/',
    'https://login.example.com:443',
    'https://login.example.com:8443',
    'https://LOGIN.example.com',
    'https://login.example.com.evil.example',
    'https://evil.example/login.example.com',
    'https://evil-login.example.com',
    'https://example.com',
    'https://login.example.com\u0000',
    ' https://login.example.com',
    'null',
    '',
  ])('%j is another one', async (origin) => {
    expect(await verify(made({ origin }), {}, unreachable)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^(origin|clientData)$/),
    });
  });

  test('each one of the list is good, and of an empty list none', async () => {
    const app = 'android:apk-key-hash:abc';
    expect(await verify(made({ origin: app }), { origins: [ORIGIN, app] })).toMatchObject({ ok: true });
    expect(await verify(made(), { origins: [] }, unreachable)).toEqual({ ok: false, reason: 'origin' });
  });
});

describe('the first check that fails is told, and the library is not asked', () => {
  const cases: [string, RegistrationAnswer, string, Partial<RegistrationExpectations>?][] = [
    ['client data that is no JSON', { ...made(), clientDataJson: Buffer.from('{') }, 'clientData'],
    [
      'client data with a member twice',
      {
        ...made(),
        clientDataJson: Buffer.from(`{"type":"webauthn.create","type":"webauthn.get","challenge":"AA","origin":"x"}`),
      },
      'clientData',
    ],
    ['client data without an origin', made({ clientData: { origin: undefined } }), 'clientData'],
    ['client data that is no UTF-8', { ...made(), clientDataJson: Uint8Array.of(0x7b, 0xff, 0x7d) }, 'clientData'],
    ['the answer to a sign-in (WA-05)', made({ clientData: { type: 'webauthn.get' } }), 'type'],
    [
      'a challenge of another visit (WA-01)',
      made({ challenge: Buffer.alloc(32, 8).toString('base64url') }),
      'challenge',
    ],
    ['a challenge that is cut', made({ challenge: CHALLENGE.slice(1) }), 'challenge'],
    ['a challenge with padding', made({ challenge: `${CHALLENGE}=` }), 'challenge'],
    ['a page in a frame of another origin (WA-06)', made({ clientData: { crossOrigin: true } }), 'crossOrigin'],
    ['a page with a top origin (WA-06)', made({ clientData: { topOrigin: 'https://evil.example' } }), 'crossOrigin'],
    ['a frame that is no yes or no', made({ clientData: { crossOrigin: 'false' } }), 'clientData'],
    ['an attestation object that is none', { ...made(), attestationObject: Uint8Array.of(0xa0) }, 'attestationObject'],
    [
      'an attestation object with bytes behind it (WA-20)',
      { ...made(), attestationObject: Buffer.concat([made().attestationObject, Uint8Array.of(0)]) },
      'attestationObject',
    ],
    ['another relying party (WA-04)', made({ rpId: 'evil.example' }), 'rpIdHash'],
    ['nobody present (WA-07)', made({ flags: { UP: false } }), 'userPresence'],
    ['no passkey in it (WA-07)', made({ flags: { AT: false } }), 'attestedData'],
    ['nobody verified where that is required (WA-07)', made({ flags: { UV: false } }), 'userVerification'],
    ['extensions announced and missing (WA-07)', made({ flags: { ED: true } }), 'authenticatorData'],
    ['backed up, and not to be (WA-12)', made({ flags: { BS: true } }), 'backupState'],
    ['an id of 1,024 bytes (WA-08)', made({ credentialId: new Uint8Array(1_024) }), 'credentialId'],
    ['no id (WA-08)', made({ credentialId: new Uint8Array() }), 'credentialId'],
    ['an id that the client calls otherwise (WA-08)', { ...made(), credentialId: 'AQID' }, 'credentialId'],
    [
      'an algorithm that nobody asked for (WA-09)',
      made({ key: newSoftwareKey(PASSKEY_ALGORITHMS.ES384) }),
      'algorithm',
    ],
    [
      'RS1, though it is asked for (WA-09)',
      made({
        coseKey: encodeCbor(
          new Map<number, number | Uint8Array>([
            [1, 3],
            [3, -65_535],
            [-1, new Uint8Array(256).fill(0xff)],
            [-2, Uint8Array.of(1, 0, 1)],
          ]),
        ),
      }),
      'algorithm',
      { algorithms: [-65_535] },
    ],
    [
      'a key that does not fit (WA-09)',
      made({
        coseKey: encodeCbor(
          new Map([
            [1, 2],
            [3, -7],
          ]),
        ),
      }),
      'publicKey',
    ],
    ['an id that somebody has (WA-08)', made(), 'registered', { isRegistered: async () => true }],
    ['a format of nobody', made({ attest: () => ({ format: 'ours', statement: new Map() }) }), 'attestationFormat'],
    [
      'a statement of none',
      made({ attest: () => ({ format: 'none', statement: new Map([['x', 1]]) }) }),
      'attestation',
    ],
    [
      'no attestation where one is demanded',
      made(),
      'attestationFormat',
      { attestation: { ...POLICY, preference: 'direct' } },
    ],
    [
      'an attestation of a service that is retired, where one is demanded',
      made({ attest: () => ({ format: 'android-safetynet', statement: new Map() }) }),
      'attestationFormat',
      { attestation: { ...POLICY, preference: 'direct' } },
    ],
    [
      'ECDAA',
      made({ attest: () => ({ format: 'packed', statement: new Map([['ecdaaKeyId', Uint8Array.of(1)]]) }) }),
      'attestationFormat',
    ],
    [
      'a certificate that is none',
      made({ attest: () => ({ format: 'packed', statement: new Map([['x5c', [Uint8Array.of(1)]]]) }) }),
      'attestation',
    ],
    [
      'a certificate that is a text',
      made({ attest: () => ({ format: 'packed', statement: new Map([['x5c', [newAuthority('Root').pem]]]) }) }),
      'attestation',
    ],
    [
      'no certificate in the list',
      made({ attest: () => ({ format: 'packed', statement: new Map([['x5c', []]]) }) }),
      'attestation',
    ],
  ];

  test.each(cases)('%s', async (_what, answer, reason, expected = {}) => {
    expect(await verify(answer, expected, unreachable)).toMatchObject({ ok: false, reason });
  });

  test.each([
    ['RS256', -257],
    ['RS1', -65_535],
  ])('a packed attestation by its own key that names %s for a key of ES256 is refused (WA-09)', async (_, alg) => {
    const statement = new Map<string, number | Uint8Array>([
      ['alg', alg],
      ['sig', new Uint8Array(70)],
    ]);
    const answer = made({ attest: () => ({ format: 'packed', statement }) });
    expect(await verify(answer, {}, unreachable)).toMatchObject({ ok: false, reason: 'attestation' });
  });

  test.each(['none', 'packed', 'fido-u2f', 'tpm', 'apple', 'android-key', 'android-safetynet'])(
    'a level of certification is that of a model, and a %s without certificates names none (WA-22)',
    async (format) => {
      const answer = made({ attest: () => ({ format, statement: new Map() }) });
      const attestation: AttestationPolicy = { ...POLICY, certificationLevel: 'FIDO_CERTIFIED_L1' };
      expect(await verify(answer, { attestation }, unreachable)).toMatchObject({
        ok: false,
        reason: 'certificationLevel',
      });
    },
  );
});

test('where presence is not required, a browser may make a passkey by itself (WA-30)', async () => {
  const expected = { isUserPresenceRequired: false, isUserVerificationRequired: false };
  const verified = await verify(made({ flags: { UP: false, UV: false } }), expected);
  expect(verified).toMatchObject({ ok: true, flags: { UP: false, UV: false } });
});

test('a library that cannot be asked is an error of ours, and no refusal', async () => {
  await expect(verify(made(), {}, unreachable)).rejects.toThrow('The library was asked.');
});

describe('attestation', () => {
  const root = newAuthority('Root');
  const between = newAuthority('Between', { by: root });
  const leaf = (by: typeof root, options: Partial<Parameters<typeof issueCertificate>[1]> = {}) => {
    const key = newSoftwareKey();
    const certificate = issueCertificate(by, {
      serial: Uint8Array.of(5),
      subject: ATTESTATION_NAME,
      subjectKey: key.publicKey,
      ...options,
    });
    return { key, certificate };
  };
  const attestedBy = (...certificates: readonly Uint8Array[]) => {
    const { key, certificate } = leaf(between);
    return packedAttestation({ key, certificates: [certificate, ...certificates] });
  };
  const certificatesOf = (...roots: readonly Pick<typeof root, 'pem'>[]) =>
    roots.flatMap(({ pem }) => readCertificates(pem));
  const direct = (
    trustedRoots: readonly X509Certificate[],
    more: Partial<AttestationPolicy> = {},
  ): Partial<RegistrationExpectations> => ({
    attestation: { ...POLICY, preference: 'direct', trustedRoots, ...more },
  });

  test('by the passkey itself proves nothing of the authenticator', async () => {
    expect(await verify(made({ attest: selfAttestation }), direct(certificatesOf(root)))).toMatchObject({
      attestation: 'SELF',
    });
  });

  test('that leads to a root of the realm is CA, whether or not it brings the root', async () => {
    for (const chain of [[between.certificate], [between.certificate, root.certificate]])
      expect(
        await verify(made({ attest: attestedBy(...chain) }), direct(certificatesOf(newAuthority('Other'), root))),
      ).toMatchObject({
        ok: true,
        attestation: 'CA',
      });
  });

  test.each([
    ['RS256', -257, 'CA'],
    ['RS1', -65_535, 'BASIC'],
  ])('of a TPM that signs by %s is trusted only where the hash has no collisions (WA-09)', async (_what, alg, type) => {
    const statement = new Map<string, number | readonly Uint8Array[]>([
      ['alg', alg],
      ['x5c', [leaf(between).certificate, between.certificate]],
    ]);
    const object = { format: 'tpm', statement, authData: new Uint8Array() } as const;
    const policy = { ...POLICY, preference: 'direct', trustedRoots: certificatesOf(root) } as const;
    expect(await provenBy(object, 'aaguid', policy, judge)).toEqual({ ok: true, value: type });
  });

  test.each([
    ['no root', []],
    ['roots of another realm (WA-21)', certificatesOf(newAuthority('Other'))],
    ['a root of the same name with another key (WA-21)', certificatesOf(newAuthority('Root'))],
  ])('that leads to a root it brings itself is BASIC where the realm trusts %s', async (_what, roots) => {
    const answer = made({ attest: attestedBy(between.certificate, root.certificate) });
    expect(await verify(answer, direct(roots))).toMatchObject({ ok: true, attestation: 'BASIC' });
  });

  test('that leads to an authority of the realm is CA, whether or not it brings that one', async () => {
    for (const chain of [[], [between.certificate], [between.certificate, root.certificate]])
      expect(await verify(made({ attest: attestedBy(...chain) }), direct(certificatesOf(between)))).toMatchObject({
        attestation: 'CA',
      });
  });

  describe('by a certificate that the realm trusts itself', () => {
    const { key, certificate } = leaf(between);
    const pinned = [new X509Certificate(certificate)];

    test('is CA, also beside what has issued it, and only while it is good', async () => {
      for (const more of [[], [between.certificate]]) {
        const answer = made({ attest: packedAttestation({ key, certificates: [certificate, ...more] }) });
        expect(await verify(answer, direct(pinned))).toMatchObject({ attestation: 'CA' });
        const later = direct(pinned, { now: Date.UTC(3_100, 0) });
        expect(await verify(answer, later)).toMatchObject({ attestation: 'BASIC' });
      }
    });

    test('vouches for no other one, and not for what it has signed', async () => {
      const other = made({ attest: attestedBy(between.certificate) });
      expect(await verify(other, direct(pinned))).toMatchObject({ attestation: 'BASIC' });
      const forged = leaf({ ...between, name: ATTESTATION_NAME, key });
      for (const more of [[], [certificate]]) {
        const attest = packedAttestation({ key: forged.key, certificates: [forged.certificate, ...more] });
        expect(await verify(made({ attest }), direct(pinned))).toMatchObject({ attestation: 'BASIC' });
      }
    });
  });

  describe('where revocation is enforced', () => {
    const lists = (...issued: readonly Uint8Array[]) => issued.map(readRevocationList);
    const policy = (revocationLists: ReturnType<typeof lists>) =>
      direct(certificatesOf(root), { isRevocationEnforced: true, revocationLists: async () => revocationLists });
    const answer = made({ attest: attestedBy(between.certificate) });

    test('is CA where a list of each issuer says that it has revoked none of the chain', async () => {
      const known = lists(issueRevocationList(root), issueRevocationList(between, { serials: [Uint8Array.of(6)] }));
      expect(await verify(answer, policy(known))).toMatchObject({ attestation: 'CA' });
    });

    test.each([
      ['there is no list', lists()],
      ['there is none of one of the issuers', lists(issueRevocationList(between))],
      [
        'a list names the authenticator',
        lists(issueRevocationList(root), issueRevocationList(between, { serials: [Uint8Array.of(5)] })),
      ],
      ['a list is over', lists(issueRevocationList(root, { until: '20250101000000Z' }), issueRevocationList(between))],
      [
        'a list has not begun',
        lists(issueRevocationList(root, { from: '30000101000000Z' }), issueRevocationList(between)),
      ],
      [
        'somebody else has signed a list',
        lists(issueRevocationList(root), issueRevocationList({ ...between, key: newSoftwareKey() })),
      ],
    ])('is BASIC where %s', async (_what, known) => {
      expect(await verify(answer, policy(known))).toMatchObject({ attestation: 'BASIC' });
    });

    test('SEC-93: lists are read once, and only where the certificates lead to a root of the realm', async () => {
      let reads = 0;
      const revocationLists = async () => {
        reads += 1;
        return lists();
      };
      const other = newAuthority('Root');
      const untrusted = direct(certificatesOf(other), { isRevocationEnforced: true, revocationLists });
      expect(await verify(answer, untrusted)).toMatchObject({ attestation: 'BASIC' });
      expect(reads).toBe(0);
      const trusted = direct(certificatesOf(root, root), { isRevocationEnforced: true, revocationLists });
      expect(await verify(answer, trusted)).toMatchObject({ attestation: 'BASIC' });
      expect(reads).toBe(1);
    });

    test('a certificate that the realm trusts itself is BASIC, since nobody speaks for it', async () => {
      const { key, certificate } = leaf(between);
      const attest = packedAttestation({ key, certificates: [certificate] });
      const attestation = {
        isRevocationEnforced: true,
        revocationLists: async () => lists(issueRevocationList(between)),
      };
      const expected = direct([new X509Certificate(certificate)], attestation);
      expect(await verify(made({ attest }), expected)).toMatchObject({ attestation: 'BASIC' });
    });
  });

  describe('with what is known of models', () => {
    const MODEL = '00112233-4455-6677-8899-aabbccddeeff';
    const known = (entry: Partial<Parameters<typeof metadataEntry>[1]> = {}) =>
      readEdition({
        no: 1,
        nextUpdate: '2030-01-01',
        entries: [metadataEntry(MODEL, { roots: [root.certificate], ...entry })].map(
          ({
            aaguid,
            statusReports: statuses,
            metadataStatement: { attestationRootCertificates: roots, ...more },
          }) => ({
            aaguid,
            statuses,
            roots,
            ...more,
          }),
        ),
      }).models[0];
    const policy = (
      entry: Parameters<typeof known>[0] | undefined,
      certificationLevel: AttestationPolicy['certificationLevel'] = 'FIDO_CERTIFIED_L1',
      more: Partial<AttestationPolicy> = {},
    ) =>
      direct([], {
        certificationLevel,
        modelOf: async (aaguid) => (entry !== undefined && aaguid === MODEL ? known(entry) : undefined),
        ...more,
      });
    const answer = made({ attest: attestedBy(between.certificate) });

    test('one of the level leads to the roots of its model, and is CA', async () => {
      expect(await verify(answer, policy({}))).toMatchObject({ ok: true, attestation: 'CA' });
      expect(await verify(answer, policy({ statuses: ['FIDO_CERTIFIED_L3'] }))).toMatchObject({ ok: true });
    });

    test('one whose keys lie in software reaches its level, and is BASIC', async () => {
      expect(await verify(answer, policy({ keyProtection: ['software'] }))).toMatchObject({
        ok: true,
        attestation: 'BASIC',
      });
    });

    test.each<[string, ReturnType<typeof policy>, string]>([
      ['nobody knows', policy(undefined), 'no metadata of its model'],
      ['has a lower level', policy({}, 'FIDO_CERTIFIED_L1plus'), 'its model has the level FIDO_CERTIFIED_L1'],
      ['has none', policy({ statuses: ['NOT_FIDO_CERTIFIED'] }), 'its model has the level OFF'],
      ['is revoked', policy({ statuses: ['FIDO_CERTIFIED_L1', 'REVOKED'] }), 'its model has the status REVOKED'],
      ['has other roots', policy({ roots: [newAuthority('Root').certificate] }), 'its certificates do not lead'],
      ['has no roots (self attestation)', policy({ roots: [] }), 'its certificates do not lead'],
      [
        'may have been revoked',
        policy({}, 'FIDO_CERTIFIED_L1', { isRevocationEnforced: true }),
        'its certificates do not lead',
      ],
      [
        'has other roots than the realm trusts',
        policy({ roots: [newAuthority('Root').certificate] }, 'FIDO_CERTIFIED_L1', {
          trustedRoots: certificatesOf(root),
        }),
        'its certificates do not lead',
      ],
    ])('a level is refused to one whose model %s (WA-22)', async (_what, expected, detail) => {
      expect(await verify(answer, expected)).toMatchObject({
        ok: false,
        reason: 'certificationLevel',
        detail: expect.stringContaining(detail),
      });
    });

    test('a level is refused to a key of the first generation, which names no model (WA-22)', async () => {
      const { key, certificate } = leaf(root);
      const attest = u2fAttestation({ key, certificates: [certificate] });
      const { answer: u2f } = new SoftwareAuthenticator({ aaguid: new Uint8Array(16), attest }).create(PAGE);
      expect(await verify(u2f, policy({}))).toMatchObject({ ok: false, reason: 'certificationLevel' });
    });

    test('certificates beside an attestation that has none are none (WA-22)', async () => {
      const attest: Attest = () => ({
        format: 'android-safetynet',
        statement: new Map([['x5c', [root.certificate]]]),
      });
      const expected = policy({}, 'FIDO_CERTIFIED_L1', { preference: 'none' });
      expect(await verify(made({ attest }), expected, unreachable)).toMatchObject({ reason: 'certificationLevel' });
    });

    test('what is warned of proves nothing, also by roots that the realm trusts', async () => {
      const statuses = ['FIDO_CERTIFIED_L1', 'ATTESTATION_KEY_COMPROMISE'];
      const expected = policy({ statuses }, 'OFF', { trustedRoots: certificatesOf(root) });
      expect(await verify(answer, expected)).toMatchObject({ ok: true, attestation: 'BASIC' });
    });
  });

  test('that another authenticator has signed for with its own certificate is BASIC (WA-21)', async () => {
    const stolen = leaf(root);
    const forged = leaf({ ...root, name: ATTESTATION_NAME, key: stolen.key });
    const attest = packedAttestation({ key: forged.key, certificates: [forged.certificate, stolen.certificate] });
    expect(await verify(made({ attest }), direct(certificatesOf(root)))).toMatchObject({
      ok: true,
      attestation: 'BASIC',
    });
  });

  test.each([
    ['of another model (A2)', { extensions: [aaguidExtension(new Uint8Array(16))] }],
    ['that has expired (A2)', { notBefore: '20200101000000Z', notAfter: '20210101000000Z' }],
    ['that is not good yet', { notBefore: '29990101000000Z' }],
    ['of an authority', { isAuthority: true }],
    ['of something else than an authenticator', { subject: { ...ATTESTATION_NAME, unit: 'Web' } }],
  ])('with a certificate %s is refused', async (_what, options) => {
    const { key, certificate } = leaf(root, options);
    const attest = packedAttestation({ key, certificates: [certificate] });
    expect(await verify(made({ attest }), direct(certificatesOf(root)))).toMatchObject({
      ok: false,
      reason: 'attestation',
    });
  });

  test('of its own model is good (A2)', async () => {
    const { key, certificate } = leaf(root, { extensions: [aaguidExtension(AAGUID)] });
    const attest = packedAttestation({ key, certificates: [certificate] });
    expect(await verify(made({ attest }), direct(certificatesOf(root)))).toMatchObject({ ok: true, attestation: 'CA' });
  });

  describe('of a key of Android', () => {
    const google = new TestAttester();
    const android =
      (said: Partial<DescribedKey> = {}): Attest =>
      (input) => {
        const described = { challenge: input.clientDataHash, applicationId: 'com.android.chrome', ...said };
        const { certificates } = google.vouchFor(input.key.publicKey, described);
        const chain = certificates.map((text) => new Uint8Array(Buffer.from(text, 'base64')));
        return { ...packedAttestation({ key: input.key, certificates: chain })(input), format: 'android-key' };
      };
    const trusted = direct(readCertificates(google.rootCertificate));
    const typeOf = (said?: Partial<DescribedKey>) => verify(made({ attest: android(said) }), trusted);

    test('that the hardware has made is CA', async () => {
      expect(await typeOf()).toMatchObject({ ok: true, attestation: 'CA' });
    });

    test.each<[string, Partial<DescribedKey>]>([
      ['software attests', { securityLevel: 0 }],
      ['software keeps', { keymasterLevel: 0 }],
      ['was brought there', { origin: 2 }],
      ['does more than sign', { purposes: [2, 3] }],
      ['is for nothing', { purposes: [] }],
    ])('that %s is BASIC', async (_what, said) => {
      expect(await typeOf(said)).toMatchObject({ ok: true, attestation: 'BASIC' });
    });

    test('of another ceremony is refused', async () => {
      expect(await typeOf({ challenge: new Uint8Array(32) })).toMatchObject({ ok: false, reason: 'attestation' });
    });
  });

  describe('of the first generation', () => {
    const { key, certificate } = leaf(root);
    const attest = u2fAttestation({ key, certificates: [certificate] });
    const u2f = (aaguid: Uint8Array) => new SoftwareAuthenticator({ aaguid, attest }).create(PAGE).answer;

    test('has no model, and may lead to a root', async () => {
      expect(await verify(u2f(new Uint8Array(16)), direct(certificatesOf(root)))).toMatchObject({
        ok: true,
        attestation: 'CA',
        aaguid: '00000000-0000-0000-0000-000000000000',
      });
    });

    test('with a model is refused', async () => {
      expect(await verify(u2f(AAGUID))).toMatchObject({ ok: false, reason: 'attestation' });
    });
  });

  describe('with one bit turned (WA-10)', () => {
    const forgedBy =
      (attest: Attest): Attest =>
      (input) => {
        const { format, statement } = attest(input);
        const sig = (statement.get('sig') as Uint8Array).slice();
        sig[sig.length - 1] = (sig.at(-1) ?? 0) ^ 1;
        return { format, statement: new Map([...statement, ['sig', sig]]) };
      };
    const key: AttestationKey = (() => {
      const { key, certificate } = leaf(root);
      return { key, certificates: [certificate] };
    })();

    test.each([
      ['its own signature', forgedBy(selfAttestation)],
      ['the signature of a certificate', forgedBy(packedAttestation(key))],
    ])('in %s is refused', async (_what, attest) => {
      expect(await verify(made({ attest }))).toMatchObject({ ok: false, reason: 'attestation' });
    });

    test('anywhere in what is signed is refused', async () => {
      const { attestationObject, ...rest } = made({ attest: selfAttestation });
      const object = readAttestationObject(attestationObject);
      if (!object.ok) throw new Error(object.reason);
      const start = attestationObject.length - object.value.authData.length;
      for (let at = start; at < attestationObject.length; at += 5) {
        const turned = attestationObject.slice();
        turned[at] = (turned[at] ?? 0) ^ 1;
        expect(await verify({ ...rest, attestationObject: turned }), `byte ${at}`).toMatchObject({ ok: false });
      }
    });
  });
});
