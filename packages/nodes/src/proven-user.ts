import type { Identity, JourneyContext, Session } from '@assent/engine';
import { isMappedVisitor } from './identity/users/anonymous-node-type.ts';

/** What tells who has proved to be whom: the journey on its way here, or the session of the request. */
interface Proof {
  readonly journey: { readonly identifiedUser: string | undefined };
  readonly request: { readonly session?: Pick<Session, 'userId' | 'properties'> | undefined };
}

/**
 * Whether somebody has proved to be that very user. Whoever has only typed a name has not, nor has somebody who is signed in as another: what
 * a user has, and whether there is such a user, is told to no other caller (SEC-59). A guest is not the user that all guests share (SEC-52).
 */
export const isProvenUser = (identity: Pick<Identity, 'id'> | undefined, { journey, request }: Proof): boolean => {
  const { session } = request;
  if (identity === undefined) return false;
  if (identity.id === journey.identifiedUser) return true;
  return session !== undefined && identity.id === session.userId && !isMappedVisitor(session);
};

/**
 * Whether a node may change what this user has, such as devices. In a journey that has identified a user, or is bound to one, no node changes
 * another who is only named: what it writes is committed before the journey ends, and the journey signs in neither user then (docs/adr/0138).
 */
export const mayChange = (
  { id }: Pick<Identity, 'id'>,
  { identifiedUser, boundUser }: Pick<JourneyContext, 'identifiedUser' | 'boundUser'>,
): boolean => (identifiedUser ?? boundUser ?? id) === id;
