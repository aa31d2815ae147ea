import { type Identity, isSystemSessionProperty, type Session } from '@assent/engine';
import { provenIn, type SessionJourney, type SessionProof, walkedIn } from '@assent/engine/host';

/** The user of a request, by a session of this realm that lives, with an account that is in use (spec: oidc §1.5). */
export interface SignedIn {
  /** Names the session for the outside, and outlives its upgrades. */
  readonly sid: string;
  /** Of the token that was shown: what is bound to it, such as a form, is no other session's. */
  readonly tokenHash: string;
  readonly identity: Identity;
  readonly factors: readonly SessionProof[];
  /** The journeys that have made and raised the session, and when each ended: they tell who has come back from one, and meet no class. */
  readonly journeys: readonly SessionJourney[];
  /** What authors of journeys have written into the session: never a proof (OIDC-12). */
  readonly properties: Readonly<Record<string, string>>;
}

/** A user with the session that was shown; whether both may be used is for the caller to know. */
export const signedInBy = (
  { sid, tokenHash, properties }: Pick<Session, 'sid' | 'tokenHash' | 'properties'>,
  identity: Identity,
): SignedIn => ({
  sid,
  tokenHash,
  identity,
  factors: provenIn(properties),
  journeys: walkedIn(properties),
  properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !isSystemSessionProperty(name))),
});
