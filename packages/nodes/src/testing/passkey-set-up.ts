import { memoryIdentities, memoryLog, testUserId } from '@assent/engine/testing';
import type { AuthenticationMetadata, Passkey, RegistrationMetadata } from '@assent/factors';
import { SoftwareAuthenticator } from '@assent/factors/testing';
import { type FactorWorldOptions, factorWorld } from '@assent/factors/testing/stored';
import { MemoryCodes, memorySkipSettings } from './push-doubles.ts';

/** Where the pages of the test server are. */
export const TEST_ORIGIN = 'http://localhost:8080';

const CEREMONY = { relyingParty: { id: 'localhost', origins: [TEST_ORIGIN] }, userVerification: 'preferred' } as const;
const CHALLENGE = Buffer.alloc(32, 9).toString('base64url');

/** The ports of the nodes of passkeys over memory and the true library, with users who have nothing, and an authenticator. */
export const passkeySetUp = (
  authenticator = new SoftwareAuthenticator(),
  files: NonNullable<FactorWorldOptions['files']> = {},
) => {
  const world = factorWorld({ files });
  for (const username of ['demo', 'other']) world.ports.addIdentity({ id: testUserId(username), username });
  const passkeys = world.bind.passkeys(world.unit());
  const identities = memoryIdentities({ demo: {}, other: {} });
  const factors = new Set<string>();
  return {
    authenticator,
    /** What the store has. */
    stored: world.ports.passkeys,
    /** Users who have another second factor. */
    factors,
    log: memoryLog(),
    ports: {
      identities,
      passkeys,
      recoveryCodes: new MemoryCodes(),
      skipSettings: memorySkipSettings(passkeys),
      secondFactors: {
        any: async (userId: string) => factors.has(userId) || (await passkeys.ofUser(userId)).length > 0,
      },
    },
    /** What the realm says of which authenticators it trusts. */
    trust: (config: Readonly<Record<string, unknown>>) => void world.trustOfRealms.set('/', config),
    state: { username: 'demo' } as Readonly<Record<string, unknown>>,
    /** A passkey that the user has already, in the authenticator. */
    async add(
      username = 'demo',
      flags: NonNullable<Parameters<SoftwareAuthenticator['create']>[0]['flags']> = {},
    ): Promise<Passkey> {
      const user = await identities.find(username);
      if (user === undefined) throw new TypeError(`There is no user ${username}.`);
      const made = authenticator.create({
        challenge: CHALLENGE,
        origin: TEST_ORIGIN,
        rpId: 'localhost',
        userHandle: passkeys.handleOf(user),
        flags,
      });
      const ceremony = {
        ...CEREMONY,
        challenge: CHALLENGE,
        algorithms: [-7],
        isUserPresenceRequired: true,
        attestation: { preference: 'none', certificationLevel: 'OFF', isRevocationEnforced: false, trustStore: '' },
      } as const;
      const verified = await passkeys.verifyRegistration(user, made.answer, ceremony);
      if (!verified.ok) throw new TypeError(`The passkey was refused: ${verified.reason}.`);
      await passkeys.save(user, verified.passkey, { maxDevices: 0, isFirst: false });
      return verified.passkey;
    },
  };
};
export type PasskeySetUp = ReturnType<typeof passkeySetUp>;

interface Shown {
  readonly callbacks: readonly { readonly output: Readonly<Record<string, unknown>> }[];
}

/** `data` of a step in metadata mode. */
export const registrationData = ({ callbacks }: Shown) => callbacks[0]?.output.data as RegistrationMetadata;
export const authenticationData = ({ callbacks }: Shown) => callbacks[0]?.output.data as AuthenticationMetadata;
