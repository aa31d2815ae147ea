import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNode, testUserId } from '@assent/engine/testing';
import {
  ATTESTATION_NAME,
  issueCertificate,
  issueRevocationList,
  metadataEntry,
  newAuthority,
  newMetadataSigner,
  newSoftwareKey,
  packedAttestation,
  SoftwareAuthenticator,
  signedMetadata,
} from '@assent/factors/testing';
import { describe, expect, test } from 'vitest';
import { type PasskeySetUp, passkeySetUp, registrationData, TEST_ORIGIN } from '../testing/passkey-set-up.ts';
import { webAuthnDeviceStorage } from './web-authn-device-storage.node.ts';
import { webAuthnRegistration } from './web-authn-registration.node.ts';

type Config = NonNullable<Parameters<typeof runNode<typeof webAuthnRegistration>>[1]['config']>;
type Given = Omit<Parameters<typeof runNode<typeof webAuthnRegistration>>[1], 'ports' | 'config'>;

/** Shows the step in metadata mode, where nothing else is said. */
const show = (it: PasskeySetUp, config: Config = {}, given: Given = {}) =>
  runNode(webAuthnRegistration, {
    log: it.log,
    ports: it.ports,
    state: it.state,
    config: { asScript: false, ...config },
    ...given,
  });

/** Shows the step and answers as the authenticator does, or as the test says. */
const register = async (
  it: PasskeySetUp,
  config: Config = {},
  options: Parameters<PasskeySetUp['authenticator']['register']>[2] & { origin?: string; given?: Given } = {},
) => {
  const { origin = TEST_ORIGIN, given, ...ceremony } = options;
  const shown = await show(it, config, given);
  const { text } = it.authenticator.register(registrationData(shown), origin, ceremony);
  return shown.again([undefined, text]);
};

describe('no passkey is made', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['for a name that no user has', { username: 'nobody' }],
    ['in a journey without a user', {}],
  ])('%s: the node goes to failure', async (_what, state) => {
    const it = passkeySetUp();
    expect((await show(it, {}, { state })).action).toMatchObject({ outcome: 'failure' });
  });

  test('for a user who may not sign in, also one who was locked after the step was shown (WA-15)', async () => {
    const it = passkeySetUp();
    const shown = await show(it);
    await it.ports.identities.setActive('demo', false);
    const { text } = it.authenticator.register(registrationData(shown), TEST_ORIGIN);
    expect((await shown.again([undefined, text])).action).toMatchObject({ outcome: 'failure' });
    expect((await show(it)).action).toMatchObject({ outcome: 'failure' });
    expect(await it.ports.passkeys.ofUser(testUserId('demo'))).toEqual([]);
  });

  test('beside another second factor that nobody has shown (WA-18)', async () => {
    const it = passkeySetUp();
    it.factors.add(testUserId('demo'));
    const message = 'A second device is only added after another factor.';
    await expect(show(it)).rejects.toMatchObject({ message });
    expect((await show(it, {}, { nodeTypes: ['AuthenticatorPush'] })).callbacks).toHaveLength(2);
  });

  test('beside a second factor that came after the step was shown (WA-18)', async () => {
    const it = passkeySetUp();
    const shown = await show(it);
    const { text } = it.authenticator.register(registrationData(shown), TEST_ORIGIN);
    it.factors.add(testUserId('demo'));
    await expect(shown.again([undefined, text])).rejects.toMatchObject({
      message: expect.stringMatching(/another factor/),
    });
  });

  test('where what the user has cannot be read', async () => {
    const it = passkeySetUp();
    Object.assign(it.stored, { ofUser: () => Promise.reject(new Error('disk')) });
    await expect(show(it)).rejects.toMatchObject({ message: 'Unable to read existing device profiles' });
  });

  test('where a second factor comes at the very moment of storing (WA-18)', async () => {
    const it = passkeySetUp();
    let asked = 0;
    Object.assign(it.ports.secondFactors, {
      any: async () => {
        asked += 1;
        return asked > 2;
      },
    });
    expect((await register(it)).action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines.at(-1)?.msg).toBe('The passkey was not saved: the user has a device by now.');
  });

  test.each<[string, Config]>([
    ['that says nothing of itself, where it has to', { attestationPreference: 'DIRECT' }],
    ['from a page that the settings do not name (WA-03)', { origins: ['https://app.example.com'] }],
  ])('by a device %s', async (_what, config) => {
    expect((await register(passkeySetUp(), config)).action).toMatchObject({ outcome: 'failure' });
  });

  test('for an IP address, which no client can help; the log says why (WA-04)', async () => {
    const it = passkeySetUp();
    expect((await show(it, { relyingPartyDomain: '127.0.0.1' })).action).toMatchObject({ outcome: 'unsupported' });
    expect(it.log.lines.at(-1)?.msg).toMatch(/^Passkeys cannot be made for an IP/);
  });

  test.each([
    ['text', 'x'],
    ['list', ['x']],
    ['number', 7],
  ])('with extensions that are a %s', async (_kind, value) => {
    const shown = show(passkeySetUp(), {}, { state: { username: 'demo', webAuthnExtensions: value } });
    await expect(shown).rejects.toMatchObject({ message: 'Extensions must be a map' });
  });

  test('beyond the limit, which has an outcome of its own unless storing is left to another node', async () => {
    const it = passkeySetUp();
    await it.add();
    const given = { nodeTypes: ['WebAuthnAuthentication'] };
    expect((await show(it, { maxSavedDevices: 1 }, given)).action).toMatchObject({ outcome: 'exceedDeviceLimit' });
    const postponed = { maxSavedDevices: 1, postponeDeviceProfileStorage: true };
    expect((await show(it, postponed, given)).callbacks).toHaveLength(2);
  });

  test('where one came meanwhile that was the last (WA-19)', async () => {
    const it = passkeySetUp();
    const shown = await show(it, { maxSavedDevices: 1 }, { nodeTypes: ['AuthenticatorPush'] });
    const { text } = it.authenticator.register(registrationData(shown), TEST_ORIGIN);
    await it.add();
    expect((await shown.again([undefined, text])).action).toMatchObject({ outcome: 'exceedDeviceLimit' });
  });

  test.each([
    ['of another page (WA-03)', { origin: 'https://evil.example' }],
    ['of another relying party (WA-04)', { rpId: 'evil.example' }],
    ['of another challenge (WA-01)', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['with nobody there (WA-07)', { flags: { UP: false } }],
    ['of an authenticator that has not made sure of its user (WA-07)', { flags: { UV: false } }],
  ])('by an answer %s, which is counted and told to nobody', async (_what, options) => {
    const it = passkeySetUp();
    const done = await register(it, { userVerificationRequirement: 'REQUIRED' }, options);
    expect(done.action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines.at(-1)?.msg).toMatch(/^The answer of the authenticator was refused: \w+/);
    expect(await it.ports.passkeys.ofUser(testUserId('demo'))).toEqual([]);
  });

  test('of one that somebody has (WA-08)', async () => {
    const it = passkeySetUp();
    const { credentialId } = await it.add('other');
    const done = await register(it, {}, { credentialId: Buffer.from(credentialId, 'base64url') });
    expect(done.action).toMatchObject({ outcome: 'failure' });
  });

  test('where a level of certification is asked for and nothing is known of any (WA-22)', async () => {
    const it = passkeySetUp();
    const done = await register(it, { fidoCertificationLevel: 'FIDO_CERTIFIED_L1' });
    expect(done.action).toMatchObject({ outcome: 'failure' });
  });
});

describe('what a client says in the place of a passkey', () => {
  test.each([
    ['unsupported', { outcome: 'unsupported' }],
    ['ERROR::NotSupportedError:no', { outcome: 'unsupported' }],
    ['ERROR::NotAllowedError:timed out', { outcome: 'error' }],
    ['{"error":"InvalidStateError: there is one"}', { outcome: 'error' }],
    ['ERROR::OptOutError:no', { outcome: 'error' }],
    ['rubbish', { outcome: 'failure' }],
    ['x'.repeat(30_000), { outcome: 'failure' }],
  ])('%.40s leads on', async (text, action) => {
    const shown = await show(passkeySetUp());
    expect((await shown.again([undefined, text])).action).toMatchObject(action);
  });

  test('an error is in state for whoever comes next', async () => {
    const shown = await show(passkeySetUp());
    const { state } = await shown.again([undefined, 'ERROR::NotAllowedError:timed out']);
    expect(state.WebAuthenticationDOMException).toBe('NotAllowedError:timed out');
  });

  test.each(['', 'false', 'webAuthnOutcome'])('%j shows the same step again, with the same challenge', async (text) => {
    const shown = await show(passkeySetUp());
    expect((await shown.again([undefined, text])).callbacks).toEqual(shown.callbacks);
  });
});

describe('a passkey is made', () => {
  test('and stored, with recovery codes, the name of the factor, and what scripts may know', async () => {
    const it = passkeySetUp();
    const done = await register(it, {}, { deviceName: 'Key of demo' });
    const [passkey] = await it.ports.passkeys.ofUser(testUserId('demo'));
    expect(passkey).toMatchObject({ deviceName: 'Key of demo', rpId: 'localhost', attestation: 'NONE' });
    expect(done.action).toMatchObject({
      outcome: 'success',
      detail: { registeredDeviceUuid: passkey?.uuid, attestationType: 'NONE', deviceName: 'Key of demo' },
    });
    expect(done.state.recoveryCodes).toHaveLength(10);
    expect(done.state).toMatchObject({
      recoveryCodeDeviceName: 'Key of demo',
      webauthnAttestationInfo: { flags: { UP: true, UV: true, AT: true, ED: false, BE: false, BS: false } },
    });
    expect(done.state).not.toHaveProperty('webauthnData');
    expect(done.journey.nodeTypes).toEqual(['WebAuthnAuthentication']);
    expect(done.journey.proven).toEqual([]);
  });

  test('and whoever has one keeps the codes that are written down', async () => {
    const it = passkeySetUp();
    await register(it);
    const second = await register(it, {}, { given: { nodeTypes: ['WebAuthnAuthentication'] } });
    expect(second.action).toMatchObject({ outcome: 'success' });
    expect(second.state).not.toHaveProperty('recoveryCodes');
  });

  test('without codes where none are wanted', async () => {
    const { state } = await register(passkeySetUp(), { generateRecoveryCodes: false });
    expect(state).not.toHaveProperty('recoveryCodes');
  });

  test('and left to another node, of which no factor is known yet', async () => {
    const it = passkeySetUp();
    const done = await register(it, { postponeDeviceProfileStorage: true });
    expect(await it.ports.passkeys.ofUser(testUserId('demo'))).toEqual([]);
    expect(JSON.parse(String(done.state.webauthnDeviceData))).toMatchObject({
      algorithm: 'SHA256withECDSA',
      deviceName: 'New Security Key',
      recoveryCodes: [],
      key: { kty: 'EC', crv: 'P-256' },
    });
    expect(done.after.handedOver.passkey).toMatchObject({
      username: 'demo',
      value: { deviceName: 'New Security Key' },
    });
    expect(done.journey.nodeTypes).toEqual([]);
  });

  test('and what was said of it is left to a script where that is wanted', async () => {
    const { state } = await register(passkeySetUp(), { storeAttestationDataInTransientState: true });
    expect(state).toMatchObject({
      webauthnAttestationType: 'NONE',
      webauthnDeviceAaguid: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(String(state.webauthnData)).toContain('"type":"webauthn.create"');
  });
});

describe('what an authenticator says it is counts by the word of the realm', () => {
  const root = newAuthority('Root');
  const key = newSoftwareKey();
  const certificate = issueCertificate(root, {
    serial: Uint8Array.of(5),
    subject: ATTESTATION_NAME,
    subjectKey: key.publicKey,
  });
  const attest = packedAttestation({ key, certificates: [certificate] });
  /** Files are those that the operator of the server has named. */
  const attestationOf = async (config: Config, trust: object, files: Parameters<typeof passkeySetUp>[1] = {}) => {
    const it = passkeySetUp(new SoftwareAuthenticator({ attest }), files);
    it.trust({ ...trust });
    const { action } = await register(it, { attestationPreference: 'DIRECT', ...config });
    return action.kind === 'goTo' ? (action.detail?.attestationType ?? action.outcome) : action.kind;
  };
  const trustStores = { roots: root.pem, trustalias: newAuthority('Other').pem };

  test('that stands under the alias of the node (WA-21)', async () => {
    expect(await attestationOf({ trustStoreAlias: 'roots' }, { trustStores })).toBe('CA');
    expect(await attestationOf({}, { trustStores })).toBe('BASIC');
    expect(await attestationOf({ trustStoreAlias: 'roots' }, {})).toBe('BASIC');
  });

  test('and where revocation is enforced, only if a list says that nobody has revoked it', async () => {
    const config = { trustStoreAlias: 'roots', enforceRevocationCheck: true };
    expect(await attestationOf(config, { trustStores })).toBe('BASIC');
    const folder = mkdtempSync(join(tmpdir(), 'assent-crl-'));
    try {
      const file = join(folder, 'root.crl');
      writeFileSync(file, issueRevocationList(root));
      expect(await attestationOf(config, { trustStores }, { revocationLists: [file] })).toBe('CA');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('and a level is that of its model in the metadata (WA-22)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assent-mds-'));
    try {
      const file = join(folder, 'blob.jwt');
      const entries = [
        metadataEntry('a55e4700-0000-4000-8000-0000000000aa', {
          roots: [root.certificate],
          statuses: ['FIDO_CERTIFIED_L2'],
        }),
      ];
      writeFileSync(file, signedMetadata(newMetadataSigner(root), { entries }));
      const trust = { metadataRoots: root.pem };
      const it = (level: Config['fidoCertificationLevel']) =>
        attestationOf({ fidoCertificationLevel: level }, trust, { metadata: [file] });
      expect(await it('FIDO_CERTIFIED_L2')).toBe('CA');
      expect(await it('FIDO_CERTIFIED_L2plus')).toBe('failure');
      // The type comes of the metadata alone, where no level is asked for.
      expect(await it('OFF')).toBe('CA');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is asked for', () => {
  test('names the user as the state does, and the passkeys that are there already', async () => {
    const it = passkeySetUp();
    const { credentialId } = await it.add();
    const config = { displayNameSharedState: 'fullName', excludeCredentials: true, requiresResidentKey: true };
    const state = { username: 'demo', fullName: 'Demo User' };
    const data = registrationData(await show(it, config, { state, nodeTypes: ['WebAuthnAuthentication'] }));
    expect(data).toMatchObject({
      userName: 'demo',
      displayName: 'Demo User',
      _relyingPartyId: 'localhost',
      timeout: '60000',
    });
    expect(data._authenticatorSelection).toMatchObject({ residentKey: 'required', requireResidentKey: true });
    const [{ id } = { id: [] }] = data._excludeCredentials;
    expect(Buffer.from(Uint8Array.from(id)).toString('base64url')).toBe(credentialId);
    expect(data.userId).not.toContain('demo');
  });

  test('has the name of the service, and the time that there is', async () => {
    const data = registrationData(await show(passkeySetUp(), { relyingPartyName: 'Acme', timeout: 90 }));
    expect(data).toMatchObject({ relyingPartyName: 'Acme', timeout: '90000' });
  });

  test('is no other with { validateFidoU2fAaguid: false }, since a key of the first kind names no model anyway', async () => {
    const config = { validateFidoU2fAaguid: false };
    const [usual, other] = [await show(passkeySetUp()), await show(passkeySetUp(), config)];
    expect(Object.keys(registrationData(other))).toEqual(Object.keys(registrationData(usual)));
    expect((await register(passkeySetUp(), config)).action).toMatchObject({ outcome: 'success' });
  });

  test('names no algorithm that cannot be trusted (WA-09)', async () => {
    const { _pubKeyCredParams } = registrationData(
      await show(passkeySetUp(), { acceptedSigningAlgorithms: ['RS1', 'EDDSA', 'ES256', 'ES256'] }),
    );
    expect(_pubKeyCredParams.map(({ alg }) => alg)).toEqual([-8, -7]);
  });

  test.each(['PLATFORM', 'CROSS_PLATFORM'] as const)('wants an authenticator that is %s', async (attachment) => {
    const data = registrationData(await show(passkeySetUp(), { authenticatorAttachment: attachment }));
    expect(data._authenticatorSelection.authenticatorAttachment).toBe(attachment.toLowerCase().replace('_', '-'));
  });

  test('is a script where the settings say so, and data of our own pages beside it', async () => {
    const { callbacks } = await show(passkeySetUp(), { asScript: true });
    expect(callbacks.map(({ type }) => type)).toEqual([
      'TextOutputCallback',
      'TextOutputCallback',
      'HiddenValueCallback',
    ]);
    expect(callbacks[0]?.output.message).toContain('pubKeyCredParams');
    expect(callbacks[1]?.output.message).toContain('Waiting for local device...');
    expect(callbacks[2]).toMatchObject({
      output: { value: 'false', id: 'webAuthnOutcome' },
      forPages: { webauthn: { kind: 'create', options: { rp: { id: 'localhost' } } } },
    });
  });
});

describe('made by the browser without asking (WA-30)', () => {
  const config = { conditionalCreate: true };
  const given = { nodeTypes: ['AuthenticatorPush'] };

  test.each([
    ['metadata', false],
    ['script', true],
  ])('the browser is told so: in %s', async (_mode, asScript) => {
    const { callbacks } = await show(passkeySetUp(), { ...config, asScript }, given);
    const [ceremony] = callbacks;
    if (asScript)
      expect(ceremony?.output.message).toContain('create({ mediation: "conditional", publicKey: publicKey })');
    else expect(Object.entries(ceremony?.output.data ?? {}).at(-1)).toEqual(['mediation', 'conditional']);
    expect(callbacks.at(-1)?.forPages).toMatchObject({ webauthn: { kind: 'create', mediation: 'conditional' } });
  });

  test.each([[[]], [['DataStore']]])('not after %j, which shows no factor', async (nodeTypes) => {
    const it = passkeySetUp();
    expect((await show(it, config, { nodeTypes })).action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines.at(-1)?.msg).toBe('A passkey is only made without asking after another factor.');
  });

  test('with nobody there it is stored, and is no factor of the session; codes are not made', async () => {
    const it = passkeySetUp();
    const done = await register(it, config, { flags: { UP: false, UV: false }, given });
    expect(done.action).toMatchObject({ outcome: 'success' });
    expect(await it.ports.passkeys.ofUser(testUserId('demo'))).toHaveLength(1);
    expect(done.journey.nodeTypes).toEqual(given.nodeTypes);
    expect(done.journey.proven).toEqual([]);
    expect(done.state).not.toHaveProperty('recoveryCodes');
    expect(await it.ports.recoveryCodes.count()).toBe(0);
  });

  test('not where the settings want its user verified, and nobody is', async () => {
    const it = passkeySetUp();
    const verified = { ...config, userVerificationRequirement: 'REQUIRED' } as const;
    const done = await register(it, verified, { flags: { UP: false, UV: false }, given });
    expect(done.action).toMatchObject({ outcome: 'failure' });
  });

  test('stored by another node it is no factor either', async () => {
    const it = passkeySetUp();
    const made = await register(
      it,
      { ...config, postponeDeviceProfileStorage: true },
      { flags: { UP: false, UV: false }, given },
    );
    const stored = await runNode(webAuthnDeviceStorage, { ports: it.ports, ...given, ...made.after });
    expect(stored.action).toMatchObject({ outcome: 'success' });
    expect(stored.journey.nodeTypes).toEqual(given.nodeTypes);
    expect(stored.state).not.toHaveProperty('recoveryCodes');
  });
});
