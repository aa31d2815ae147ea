import type { Identity } from '@assent/engine';

/** What tells who has proved to be whom: the journey on its way here, or the session of the request. */
interface Proof {
  readonly journey: { readonly identifiedUser: string | undefined };
  readonly request: { readonly session?: { readonly userId: string } | undefined };
}

/**
 * Whether somebody has proved to be that very user. Whoever has only typed a name has not, nor has somebody who is signed in as another: what
 * a user has, and whether there is such a user, is told to nobody else (SEC-59).
 */
export const isProvenUser = (identity: Pick<Identity, 'id'> | undefined, { journey, request }: Proof): boolean =>
  identity !== undefined && (identity.id === journey.identifiedUser || identity.id === request.session?.userId);
