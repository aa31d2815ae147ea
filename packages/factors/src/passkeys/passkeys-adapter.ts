import type { Identity } from '@assent/engine';
import {
  type Adapter,
  auditIn,
  type EngineChange,
  identitiesAdapter,
  SOURCE_POLICY,
  sourceOf,
  sourceSubject,
  type UnitOfWork,
} from '@assent/engine/host';
import { pushCountersOf } from '@assent/push';
import { skipAttribute } from '../model/device-services.ts';
import type { FactorDependencies } from '../model/factor-dependencies.ts';
import type { Passkey, PasskeyChange, PasskeyReader } from '../model/passkey.ts';
import type { AuthenticationAnswer, RegistrationAnswer } from './ceremony/client-answer.ts';
import type { NamedCredential } from './ceremony/webauthn-options.ts';
import type { AuthenticatorTrusts } from './metadata/authenticator-trust.ts';
import type {
  AuthenticationCeremony,
  Ceremony,
  PasskeyRefusal,
  Passkeys,
  PasskeyUse,
  RegistrationCeremony,
} from './passkeys.ts';
import { passkeysOfNobody } from './passkeys-of-nobody.ts';
import { type RelyingParty, type RelyingPartySettings, relyingPartyOf } from './relying-party.ts';
import { passkeyByCredential, passkeysOfUser, stagedPasskeysOf } from './staged-passkeys.ts';
import { userHandleOf } from './user-handle-of.ts';
import type { PasskeyJudge, PasskeyLibrary } from './verification/passkey-library.ts';
import type { CeremonyExpectations } from './verification/verification.ts';
import { type VerifiedAssertion, verifyAssertion } from './verification/verify-assertion.ts';
import { verifyRegistration } from './verification/verify-registration.ts';

/** What a passkey is called that nobody has named. */
const DEFAULT_PASSKEY_NAME = 'New Security Key';
/** How the skip attribute spells that the user has had a passkey (spec: nodes-mfa §2.5). */
const NOT_SKIPPABLE = '2';

export interface PasskeyDependencies
  extends Pick<
    FactorDependencies,
    'identities' | 'configuration' | 'clock' | 'random' | 'publicUrl' | 'codePepper' | 'throttles' | 'isKnownSource'
  > {
  readonly passkeys: PasskeyReader;
  readonly passkeyLibrary: PasskeyLibrary;
  /** By realm: whose word counts for what an authenticator is. */
  readonly authenticatorTrusts: AuthenticatorTrusts;
}

/** Passkeys as the nodes of one unit of work see them. */
export const passkeysAdapter =
  (dependencies: PasskeyDependencies): Adapter<Passkeys> =>
  (unit) =>
    new StagedPasskeys(dependencies, unit);

/** Of UTC. */
const dayOf = (at: number): number => Math.floor(at / 86_400_000);

class StagedPasskeys implements Passkeys {
  readonly #with: PasskeyDependencies;
  readonly #unit: UnitOfWork;

  constructor(dependencies: PasskeyDependencies, unit: UnitOfWork) {
    this.#with = dependencies;
    this.#unit = unit;
  }

  relyingParty(settings: RelyingPartySettings): RelyingParty | undefined {
    return relyingPartyOf(settings, this.#unit.realm, this.#with.publicUrl);
  }

  handleOf({ id }: Pick<Identity, 'id'>): string {
    return userHandleOf(id);
  }

  ofUser(userId: string): Promise<readonly Passkey[]> {
    return passkeysOfUser(this.#with.passkeys, this.#unit, userId);
  }

  find(credentialId: string): Promise<Passkey | undefined> {
    return passkeyByCredential(this.#with.passkeys, this.#unit, credentialId);
  }

  hidden(username: string, own: readonly Passkey[]): readonly NamedCredential[] {
    this.#unit.answerEvenly();
    const pretended = passkeysOfNobody(this.#with.codePepper, this.#unit.realm.realm, username);
    return own.length === 0 ? pretended : own.map(({ credentialId: id, transports }) => ({ id, transports }));
  }

  async verifyRegistration(user: Identity, answer: RegistrationAnswer, ceremony: RegistrationCeremony) {
    const { trustStore, ...demands } = ceremony.attestation;
    const trust = this.#with.authenticatorTrusts(user.realm);
    const now = this.#with.clock.now();
    const verified = await verifyRegistration(
      answer,
      {
        ...expectationsOf(ceremony),
        algorithms: ceremony.algorithms,
        isUserPresenceRequired: ceremony.isUserPresenceRequired,
        attestation: {
          ...demands,
          trustedRoots: trust.rootsUnder(trustStore),
          modelOf: (aaguid) => trust.modelOf(aaguid),
          revocationLists: () => trust.revocationLists(),
          now,
        },
        isRegistered: async (credentialId) => (await this.find(credentialId)) !== undefined,
      },
      this.#judge(),
    );
    if (!verified.ok) return verified;
    const { credentialId, publicKey, algorithm, flags, signCount, aaguid, attestation } = verified;
    const passkey: Passkey = {
      uuid: this.#with.random.uuid(),
      realm: user.realm,
      userId: user.id,
      username: user.username,
      deviceName: answer.deviceName ?? DEFAULT_PASSKEY_NAME,
      credentialId,
      userHandle: userHandleOf(user.id),
      publicKey,
      algorithm,
      signCount,
      userVerified: flags.UV,
      backupEligible: flags.BE,
      backedUp: flags.BS,
      aaguid,
      transports: [],
      ...(answer.attachment !== undefined && { attachment: answer.attachment }),
      attestation,
      rpId: ceremony.relyingParty.id,
      createdAt: now,
      lastAccessAt: now,
      rev: 0,
    };
    return { ok: true, passkey, flags } as const;
  }

  async save(user: Identity, passkey: Passkey, { maxDevices, isFirst }: Parameters<Passkeys['save']>[2]) {
    const ofRealm = this.#unit.realm.maxDevices;
    const most = maxDevices > 0 ? Math.min(maxDevices, ofRealm) : ofRealm;
    if ((await this.ofUser(user.id)).length >= most) return 'limit';
    if ((await this.find(passkey.credentialId)) !== undefined) return 'taken';
    const change = { type: 'passkey.insert', row: passkey, maxDevices: most } satisfies PasskeyChange;
    this.#unit.stage(change);
    stagedPasskeysOf(this.#unit).write(change);
    if (isFirst) await this.#demandStillFirst(user);
    this.#stageAudit('DEVICE_ADD', user.id, {
      detail: { device: passkey.uuid, type: 'webauthn', attestation: passkey.attestation },
    });
    return 'stored';
  }

  verifyAssertion(passkey: Passkey, answer: AuthenticationAnswer, ceremony: AuthenticationCeremony) {
    return verifyAssertion(
      answer,
      { ...expectationsOf(ceremony), passkey, isUserHandleRequired: ceremony.isUsernameless },
      this.#judge(),
    );
  }

  used(
    passkey: Passkey,
    { flags, signCount, isCounterMismatch }: VerifiedAssertion,
    { owner, relyingParty, isMismatchTold }: PasskeyUse,
  ): void {
    const at = this.#with.clock.now();
    this.#unit.stage({
      type: 'passkey.used',
      uuid: passkey.uuid,
      signCount,
      mismatch: isCounterMismatch,
      userVerified: flags.UV,
      backedUp: flags.BS,
      backupEligible: flags.BE,
      rpId: relyingParty.id,
      at,
    } satisfies PasskeyChange);
    pushCountersOf(this.#unit, this.#with).provenOtherwise(owner);
    const after = isCounterMismatch ? { counterMismatchAt: at } : { signCount };
    stagedPasskeysOf(this.#unit).write({ row: { ...passkey, ...after, backedUp: flags.BS, lastAccessAt: at } });
    const detail = { device: passkey.uuid, type: 'webauthn' };
    this.#stageAudit('PASSKEY_OK', passkey.userId, { detail });
    if (!isCounterMismatch) return;
    // The user gets one mail of it a day, however often the passkey is used.
    const again = passkey.counterMismatchAt !== undefined && dayOf(passkey.counterMismatchAt) === dayOf(at);
    this.#stageAudit('PASSKEY_COUNTER', passkey.userId, {
      outcome: isMismatchTold ? 'told' : 'accepted',
      detail: { ...detail, ...(again && { again }) },
    });
  }

  refused(userId: string | undefined, reason: PasskeyRefusal): void {
    const at = this.#with.clock.now();
    const subject = sourceSubject(sourceOf(this.#unit.request.clientAddress));
    this.#unit.stageAlways({ type: 'throttle.hit', subject, policy: SOURCE_POLICY, at } satisfies EngineChange);
    this.#unit.stageAlways(this.#auditRow('PASSKEY_FAIL', userId, { outcome: reason }));
  }

  /**
   * Ends an opt-out, and changes the revision of the user in any case, as a phone or a generator does that is stored at the same time: of 2
   * factors that would each have been the first, 1 is stored, and the other one meets a user who has a factor to show.
   */
  async #demandStillFirst({ username }: Identity): Promise<void> {
    const { configuration, identities, clock } = this.#with;
    const attribute = skipAttribute(configuration, this.#unit.realm.realm, 'webauthn');
    await identitiesAdapter(
      identities,
      clock,
    )(this.#unit).update(username, attribute, (values) => (values.length > 0 ? [NOT_SKIPPABLE] : values));
  }

  #judge(): PasskeyJudge {
    const { realm, request } = this.#unit;
    return this.#with.passkeyLibrary.inLane({ realm: realm.realm, caller: sourceOf(request.clientAddress) });
  }

  #stageAudit(event: string, userId: string, facts: AuditFacts): void {
    this.#unit.stage(this.#auditRow(event, userId, facts));
  }

  #auditRow(event: string, userId: string | undefined, facts: AuditFacts): EngineChange {
    return auditIn(this.#unit, this.#with.clock.now(), event, { ...(userId !== undefined && { userId }), ...facts });
  }
}

interface AuditFacts {
  readonly outcome?: string;
  readonly detail?: Readonly<Record<string, string | boolean>>;
}

const expectationsOf = ({ challenge, relyingParty, userVerification }: Ceremony): CeremonyExpectations => ({
  challenge,
  origins: relyingParty.origins,
  rpId: relyingParty.id,
  isUserVerificationRequired: userVerification === 'required',
});
