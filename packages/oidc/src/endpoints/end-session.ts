import { auditChange, type EngineChange } from '@assent/engine/host';
import { isRegistered } from '../checks/redirect-uri.ts';
import { endsWithSession } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import type { SignedIn } from '../people/signed-in.ts';
import { userOfSubject } from '../people/subject.ts';
import type { Endpoint, OAuthAnswer } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import type { TokenContext } from '../token/token-context.ts';
import { type IdTokenHint, readIdTokenHint } from '../tokens/id-token.ts';
import type { RequestMarks } from '../tokens/request-marks.ts';

export interface EndSessionContext extends Pick<TokenContext, 'ports' | 'keys'> {
  readonly marks: RequestMarks;
}

/** What the form of the page is bound to, beside the session: it is for no client. */
const SIGN_OUT_FORM = ['', []] as const;

/**
 * An application signs its user out (OpenID Connect RP-Initiated Logout; spec: oidc §2.4). A hint of ours ends its session wherever it is shown:
 * mobile applications have no cookie. Without one, the browser's own user is asked first (OIDC-19).
 */
export const endSessionEndpoint =
  (context: EndSessionContext): Endpoint =>
  async (http) => {
    const { id_token_hint: token, client_id: clientId } = http.parameters;
    if (token === undefined) return withoutHint(context, http);
    const settings = context.ports.settings(http.realm);
    const hint = await readIdTokenHint(context.keys, settings, token);
    if (hint === undefined) {
      throw new OAuthError('invalid_request', { description: 'The id_token_hint is not one of this server.' });
    }
    if (clientId !== undefined && clientId !== hint.clientId) {
      throw new OAuthError('invalid_request', { description: 'The id_token_hint was made for another client.' });
    }
    return withHint(context, http, settings, hint);
  };

const withHint = async (
  context: EndSessionContext,
  http: OAuthRequest,
  settings: ProviderSettings,
  hint: IdTokenHint,
): Promise<OAuthAnswer> => {
  const { ports } = context;
  const person = await ports.signedIn(http);
  const endsSession = hint.sid !== undefined && person?.sid === hint.sid;
  const user = await userOfSubject(settings.realm, hint.subject, settings, ports.identities);
  if (hint.sid !== undefined && user !== undefined) {
    await end(context, http, { sid: hint.sid, userId: user.id }, hint.clientId);
  }
  const { post_logout_redirect_uri: uri, state } = http.parameters;
  if (uri !== undefined) {
    const client = ports.clients.find(settings.realm, hint.clientId);
    // A client that is out of use may be so because its address is not its own any more.
    if (client?.isActive !== true || !isRegistered(client, client.postLogoutRedirectUris, uri)) {
      throw new OAuthError('redirect_uri_mismatch');
    }
    return { kind: 'redirect', location: withState(uri, state), endsSession };
  }
  return http.isNavigation
    ? { kind: 'page', status: 200, page: { kind: 'signedOut' }, endsSession }
    : { kind: 'empty', endsSession };
};

/** Without a hint anybody may have sent the browser here, so its user is asked, and nothing leads on from there. */
const withoutHint = async (context: EndSessionContext, http: OAuthRequest): Promise<OAuthAnswer> => {
  const { marks } = context;
  const { csrf } = http.parameters;
  const person = await context.ports.signedIn(http);
  if (person === undefined || !(http.isNavigation || csrf !== undefined)) throw new OAuthError('bad_request');
  if (http.method !== 'POST' || csrf === undefined)
    return { kind: 'page', status: 200, page: signOutPage(marks, person) };
  if (!marks.isForm(csrf, person.tokenHash, ...SIGN_OUT_FORM)) {
    throw new OAuthError('invalid_request', { description: 'The csrf is not that of this form. Begin again.' });
  }
  await end(context, http, { sid: person.sid, userId: person.identity.id });
  return { kind: 'page', status: 200, page: { kind: 'signedOut' }, endsSession: true };
};

const signOutPage = (marks: RequestMarks, { tokenHash }: SignedIn) =>
  ({ kind: 'signOut', fields: { csrf: marks.form(tokenHash, ...SIGN_OUT_FORM) } }) as const;

/**
 * The session and what was granted in it, also where it has run out by itself: whoever signs out means both (OIDC-20). Where nothing of it
 * is left that is no news: whoever keeps an old hint would write into the trail with it without end (OIDC-22).
 */
const end = async (
  { ports }: EndSessionContext,
  http: OAuthRequest,
  session: { readonly userId: string; readonly sid: string },
  client?: string,
): Promise<void> => {
  const { realm, transactionId } = http;
  const { userId, sid } = session;
  const at = ports.clock.now();
  const granted = await ports.grants.ofSession(userId, sid, at);
  const isLeft = granted.some(endsWithSession) || (await ports.hasSession(session));
  const told = auditChange({ at, realm: realm.realm, transactionId }, 'OAUTH_LOGOUT', {
    userId,
    outcome: 'success',
    ...(client !== undefined && { detail: { client } }),
  });
  // What nobody sees, such as a code that is on its way, ends in any case.
  const changes = isLeft
    ? [...(await ports.endOfSession(session, http)), told]
    : [{ type: 'session.end', userId, sid } satisfies EngineChange];
  const result = await ports.committer.commit(changes);
  if (!result.committed)
    throw new OAuthError('temporarily_unavailable', { detail: `not committed: ${result.refused}` });
};

/** What is registered is not written anew: the parameter is added to it as it stands. */
const withState = (uri: string, state: string | undefined): string =>
  state === undefined ? uri : `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
