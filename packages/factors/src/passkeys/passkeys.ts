import { type Identity, port } from '@assent/engine';
import type { Passkey } from '../model/passkey.ts';
import type { AuthenticationAnswer, RegistrationAnswer } from './ceremony/client-answer.ts';
import type { NamedCredential, UserVerification } from './ceremony/webauthn-options.ts';
import type { RelyingParty, RelyingPartySettings } from './relying-party.ts';
import type { AttestationDemands } from './verification/attestation.ts';
import type { AuthenticatorFlags } from './verification/authenticator-data.ts';
import type { Refusal, Refused } from './verification/verification.ts';
import type { VerifiedAssertion } from './verification/verify-assertion.ts';

/** What an answer is checked against. */
export interface Ceremony {
  /** As the engine made it for this visit: 32 bytes in base64url without padding. */
  readonly challenge: string;
  readonly relyingParty: RelyingParty;
  readonly userVerification: UserVerification;
}

export interface RegistrationCeremony extends Ceremony {
  /** COSE numbers of the algorithms that were asked for. */
  readonly algorithms: readonly number[];
  /** False where the browser may make a passkey by itself, with nobody there (WebAuthn Level 3 §5.1.3, `conditional`). */
  readonly isUserPresenceRequired: boolean;
  readonly attestation: AttestationDemands & {
    /** The alias under which the realm has the certificates that attestations are trusted by. */
    readonly trustStore: string;
  };
}

export interface AuthenticationCeremony extends Ceremony {
  /** Whether nothing but the answer says who the user is (WA-13). */
  readonly isUsernameless: boolean;
}

/** A passkey that was made, and is stored nowhere yet. */
export interface NewPasskey {
  readonly ok: true;
  readonly passkey: Passkey;
  readonly flags: AuthenticatorFlags;
}

/**
 * Why an answer is refused. Beside what it does not stand to: `answer` cannot be read, `unknown` is nobody's passkey, `user` may not sign in or is not
 * the one whom the journey is about, `synced` may be copied where that is not wanted.
 */
export type PasskeyRefusal = Refusal | 'answer' | 'unknown' | 'user' | 'synced';

/** What the node knows of the use of a passkey. */
export interface PasskeyUse {
  readonly owner: Pick<Identity, 'id' | 'credentialRev'>;
  readonly relyingParty: RelyingParty;
  readonly isMismatchTold: boolean;
}

/** Passkeys as nodes see them. Writes belong to the unit of work and are committed with it. */
export interface Passkeys {
  /** Undefined where no passkey can be made, since the host is an IP address. */
  relyingParty(settings: RelyingPartySettings): RelyingParty | undefined;
  /** What authenticators keep of the user: it tells nobody who that is, and stays the same (WA-13, docs/adr/0120). */
  handleOf(user: Pick<Identity, 'id'>): string;
  /** Newest first. */
  ofUser(userId: string): Promise<readonly Passkey[]>;
  /** Whoever it belongs to in the realm; `credentialId` is base64url without padding. */
  find(credentialId: string): Promise<Passkey | undefined>;
  /**
   * What a client is told of the passkeys of a name where nobody may learn whether it has any: those that there are, else some that nobody has,
   * the same each time. The answer goes out at an even time (WA-17, SEC-59, docs/adr/0119).
   */
  hidden(username: string, own: readonly Passkey[]): readonly NamedCredential[];
  /** Checks what came back for a registration (spec: webauthn §5.1). What it made is stored by `save` alone. */
  verifyRegistration(
    user: Identity,
    answer: RegistrationAnswer,
    ceremony: RegistrationCeremony,
  ): Promise<NewPasskey | Refused>;
  /**
   * Stores a new one. `limit`: the user has as many as the node or the realm allows; `taken`: somebody in the realm has it already (WA-08,
   * WA-19). With `isFirst` it was looked at that the user has no second factor yet, and the commit fails where that has changed (§10.1).
   */
  save(
    user: Identity,
    passkey: Passkey,
    options: {
      /** 0 for as many as the realm allows. */
      readonly maxDevices: number;
      readonly isFirst: boolean;
    },
  ): Promise<'stored' | 'limit' | 'taken'>;
  /** Checks what came back for a sign-in with that passkey (spec: webauthn §5.2). */
  verifyAssertion(
    passkey: Passkey,
    answer: AuthenticationAnswer,
    ceremony: AuthenticationCeremony,
  ): Promise<VerifiedAssertion | Refused>;
  /**
   * Its user has signed in with it. The commit fails where that was done before with the same count, and where it is gone meanwhile (WA-11,
   * WA-32). With `isMismatchTold` the journey itself goes by what the count says.
   */
  used(passkey: Passkey, assertion: VerifiedAssertion, facts: PasskeyUse): void;
  /** An answer was refused: it counts against the place that it comes from, whatever becomes of the journey, and locks no account (WA-28). */
  refused(userId: string | undefined, reason: PasskeyRefusal): void;
}

export const passkeys = port<Passkeys>()('passkeys', 'stages');
