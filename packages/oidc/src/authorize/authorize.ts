import { JourneyError } from '@assent/engine';
import { auditChange, type Change, type EngineChange } from '@assent/engine/host';
import { type CheckedRequest, unchecked } from '../checks/checked-request.ts';
import { runChecks } from '../checks/run-checks.ts';
import type { OAuthChange } from '../model/changes.ts';
import type { SavedConsent } from '../model/consents.ts';
import type { OAuthGrant } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { proofOf } from '../people/proof.ts';
import type { SignedIn } from '../people/signed-in.ts';
import { subjectOf } from '../people/subject.ts';
import type { OAuthAnswer } from '../protocol/answer.ts';
import { OAuthError, tellable } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import type { Handles } from '../tokens/handles.ts';
import { idToken } from '../tokens/id-token.ts';
import type { RequestMarks } from '../tokens/request-marks.ts';
import type { SigningKeys } from '../tokens/signing-keys.ts';
import { consentPage, type Decision, decisionOf, demandOwnDecision, needsConsent } from './consent.ts';
import { knownClient } from './known-client.ts';
import { loginRedirect } from './login-redirect.ts';
import { hasRedirectUri, respond, respondError, type WithRedirectUri } from './response.ts';
import { signInVerdict } from './sign-in.ts';

export interface AuthorizeContext {
  readonly ports: ProviderPorts;
  readonly handles: Handles;
  readonly marks: RequestMarks;
  readonly keys: SigningKeys;
}

/** An authorization that everything is known of. */
interface Ready<R extends CheckedRequest = CheckedRequest> {
  readonly request: R;
  readonly http: OAuthRequest;
  readonly provider: ProviderSettings;
  readonly person: SignedIn;
  readonly acr: string | undefined;
  readonly decision: Decision | undefined;
}

const GRANT_ID_BYTES = 16;
/** How often a consent is read that changes before the commit. */
const MAX_ROUNDS = 3;

/**
 * The authorization endpoint (spec: oidc §2.1): check → who is signed in → is that enough → does the user agree → commit →
 * answer. Before the redirect URI is proven, an error is a page; after that, it goes to the client.
 */
export const authorizeEndpoint =
  (context: AuthorizeContext) =>
  async (http: OAuthRequest): Promise<OAuthAnswer> => {
    const { ports } = context;
    const provider = ports.settings(http.realm);
    const { decision, request } =
      http.method === 'POST' ? decisionOf(http.parameters) : { decision: undefined, request: http.parameters };
    const client = knownClient(ports, { ...http, parameters: request });
    let known = unchecked(client, request);
    try {
      known = await runChecks('authorize', known, { ...context, provider }, (it) => {
        known = it;
      });
      return await decided(context, { request: known, http, provider, decision });
    } catch (error) {
      // The realm was switched off meanwhile: this is no address of a provider any more (SEC-89).
      if (error instanceof JourneyError && error.is('REALM_UNKNOWN')) throw error;
      const told = tellable(error);
      if (told.staysHere || !hasRedirectUri(known)) throw error;
      if (told !== error) ports.report(error, http);
      return respondError(known, provider.issuer, told);
    }
  };

const decided = async (
  context: AuthorizeContext,
  { request, http, provider, decision }: Pick<Ready, 'request' | 'http' | 'provider' | 'decision'>,
): Promise<OAuthAnswer> => {
  const { ports, marks } = context;
  const person = await ports.signedIn(http, { isUse: !isSilent(request, http) });
  const signedIn = person && { person, subject: subjectOf(person.identity, provider) };
  const verdict = signInVerdict(request, signedIn, provider, ports.clock.now());
  if (verdict.kind === 'refused') throw verdict.error;
  if (verdict.kind === 'login' || person === undefined) {
    if (isSilent(request, http)) throw new OAuthError('interaction_required');
    return loginRedirect(request, verdict.kind === 'login' ? verdict : { kind: 'login', isForced: false }, {
      ports,
      provider,
      marks,
      http,
    });
  }
  const ready = { http, provider, person, acr: verdict.acr, decision };
  if (request.responseType === 'none') {
    return hasRedirectUri(request) ? respond(request, provider.issuer, {}) : { kind: 'empty' };
  }
  if (!hasRedirectUri(request)) throw new OAuthError('redirect_uri_mismatch');
  return request.responseType === 'id_token'
    ? whoIsThere(context, { ...ready, request })
    : askedOrGranted(context, { ...ready, request });
};

/** Nobody is there to be asked: the client says so, or it is a program that shows the session in a header. */
const isSilent = ({ prompts }: CheckedRequest, { hasSessionHeader }: OAuthRequest): boolean =>
  prompts.has('none') || hasSessionHeader;

/** What the user has agreed to before; it is read only where the client asks for consent. */
const consentOf = async (
  { ports }: AuthorizeContext,
  { request: { client }, person }: Ready,
): Promise<SavedConsent | undefined> =>
  client.asksConsent ? ports.consents.get(person.identity.id, client.id) : undefined;

/** Says who is signed in, to an application that may know it, and changes nothing (spec: oidc §2.1). */
const whoIsThere = async (context: AuthorizeContext, ready: Ready<WithRedirectUri>): Promise<OAuthAnswer> => {
  const { request, provider, person, acr } = ready;
  if (needsConsent(request, await consentOf(context, ready))) {
    throw new OAuthError('consent_required');
  }
  const { amr, authTime } = proofOf(person, provider);
  const token = await idToken(context.keys, {
    provider,
    client: request.client,
    subject: subjectOf(person.identity, provider),
    signIn: { amr, authTime, sid: person.sid, ...(acr !== undefined && { acr }) },
    issuedAt: Math.floor(context.ports.clock.now() / 1_000),
    nonce: request.nonce,
  });
  return respond(request, provider.issuer, { id_token: token, ...named(request) });
};

const askedOrGranted = async (context: AuthorizeContext, ready: Ready<WithRedirectUri>): Promise<OAuthAnswer> => {
  const { ports, marks } = context;
  const { request, http, person, decision } = ready;
  if (decision !== undefined) {
    demandOwnDecision(decision, request, person, marks);
    if (!decision.isAllowed) {
      await ports.committer.commit([auditOf(ready, ports.clock.now(), 'OAUTH_CONSENT', 'denied')]);
      throw new OAuthError('access_denied');
    }
    return demandCommitted(await granted(context, ready));
  }
  for (let round = 1; ; round += 1) {
    const consent = await consentOf(context, ready);
    if (needsConsent(request, consent)) {
      if (isSilent(request, http)) throw new OAuthError('consent_required');
      return { kind: 'page', status: 200, page: consentPage(request, person, http.parameters, marks) };
    }
    const result = await granted(context, ready, consent);
    // The user has withdrawn or changed the consent since it was read.
    const isOfConsent = consent !== undefined && 'refused' in result && result.refused === 'grant.open';
    if (!isOfConsent || round === MAX_ROUNDS) return demandCommitted(result);
  }
};

const demandCommitted = (result: OAuthAnswer | { readonly refused: string }): OAuthAnswer => {
  if ('refused' in result) throw refusedCommit(result.refused);
  return result;
};

/** Opens the grant, by the decision of the user or by the consent that was saved; the code, what was agreed to and the trail are one commit. */
const granted = async (
  context: AuthorizeContext,
  ready: Ready<WithRedirectUri>,
  consent?: SavedConsent,
): Promise<OAuthAnswer | { readonly refused: string }> => {
  const { ports, handles } = context;
  const { request, provider, person, decision } = ready;
  const now = ports.clock.now();
  const row = newGrant(context, ready, now);
  const result = await ports.committer.commit([
    ...stillSignedIn(person, now),
    { type: 'grant.open', row, ...(consent && { consent }) } satisfies OAuthChange,
    ...spentRequest(request, now),
    ...(decision?.isSaved === true ? [savedConsent(ready, now)] : []),
    ...(decision === undefined ? [] : [auditOf(ready, now, 'OAUTH_CONSENT', 'allowed')]),
    auditOf(ready, now, 'OAUTH_AUTHORIZE', 'code'),
  ]);
  if (!result.committed) return result;
  const code = handles.make(row.realm, 'code', { grantId: row.id });
  return respond(request, provider.issuer, { code, ...named(request) });
};

/** As AM does, an answer that gives something names the client: SDKs for AM read it. */
const named = ({ client }: CheckedRequest) => ({ client_id: client.id });

/** A pushed request is good for one code. */
const spentRequest = ({ parkedIdHash }: CheckedRequest, now: number): readonly OAuthChange[] =>
  parkedIdHash === undefined ? [] : [{ type: 'parked.spend', idHash: parkedIdHash, now }];

/** Between the look and the commit the session, the account or the pushed request has come to its end. */
const refusedCommit = (refused: string): OAuthError =>
  refused === 'parked.spend'
    ? new OAuthError('request_uri_not_supported', { detail: 'spent meanwhile' })
    : new OAuthError('login_required', { detail: `not committed: ${refused}` });

const newGrant = ({ ports }: AuthorizeContext, ready: Ready, now: number): OAuthGrant => {
  const { request, provider, person, acr } = ready;
  const { client, claims, challenge, nonce, jkt } = request;
  const { redirect_uri: sentUri } = request.parameters;
  return {
    id: Buffer.from(ports.random.bytes(GRANT_ID_BYTES)).toString('base64url'),
    realm: client.realm,
    clientId: client.id,
    ...(client.grantGeneration !== undefined && { clientGeneration: client.grantGeneration }),
    userId: person.identity.id,
    credentialRev: person.identity.credentialRev,
    sid: person.sid,
    scopes: request.scopes,
    ...(claims && { claims }),
    ...(acr !== undefined && { acr }),
    ...proofOf(person, provider),
    ...(jkt !== undefined && { jkt }),
    status: 'code',
    code: {
      ...(sentUri !== undefined && { redirectUri: sentUri }),
      ...(challenge !== undefined && { challenge }),
      ...(nonce !== undefined && { nonce }),
    },
    refreshNo: 0,
    rotatedAt: now,
    accessNo: 0,
    dropped: [],
    createdAt: now,
    expiresAt: now + client.lifetimes.code,
    ...(client.backchannelLogoutUri !== undefined && { wantsLogoutNotice: true }),
  };
};

/** What the code hangs on, first in its commit (SEC-61). */
const stillSignedIn = ({ tokenHash, identity }: SignedIn, now: number): readonly EngineChange[] => [
  { type: 'session.usable', tokenHash, now },
  { type: 'identity.usable', id: identity.id, credentialRev: identity.credentialRev },
];

const savedConsent = ({ request, person }: Ready, agreedAt: number): OAuthChange => ({
  type: 'consent.save',
  row: {
    realm: request.client.realm,
    userId: person.identity.id,
    clientId: request.client.id,
    ...(request.client.consentGeneration !== undefined && { clientGeneration: request.client.consentGeneration }),
    scopes: request.scopes,
    agreedAt,
  },
});

/** A row of the trail: which client and user, never a code, a state or a hint (OIDC-18, OIDC-28). */
const auditOf = ({ request, http, person }: Ready, at: number, event: string, outcome: string): Change =>
  auditChange({ at, realm: request.client.realm, transactionId: http.transactionId }, event, {
    userId: person.identity.id,
    outcome,
    detail: { client: request.client.id, scope: request.scopes.join(' ') },
  });
