import type { ThrottlePolicy } from '@assent/engine';
import { auditChange, type EngineChange, isLocked, sourceOf } from '@assent/engine/host';
import { templateOf } from '../authorize/login-redirect.ts';
import { type SignInVerdict, signInVerdict } from '../authorize/sign-in.ts';
import { unchecked } from '../checks/checked-request.ts';
import { SINCE, sinceOf } from '../checks/freshness.ts';
import type { OAuthChange } from '../model/changes.ts';
import { type OAuthClient, withTextsOfClient } from '../model/clients.ts';
import { type ApprovedBy, isPending, type PendingApproval } from '../model/pending-approvals.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { proofOf } from '../people/proof.ts';
import type { SignedIn } from '../people/signed-in.ts';
import { subjectOf } from '../people/subject.ts';
import type { Endpoint, OAuthAnswer, OAuthPage } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import type { DeviceContext } from './device-authorization.ts';
import { shownUserCode, typedUserCode, userCodeDigest } from './user-code.ts';

/** Of wrong codes from one place, ten a minute (spec: oidc §6): the codes of others are not to be found by trying. */
export const USER_CODE_POLICY: ThrottlePolicy = {
  windowMillis: 60_000,
  free: 10,
  lockMillis: 60_000,
  maxLockMillis: 60_000,
};

/** A device that waits, and the client that it is of. */
interface Found {
  readonly row: PendingApproval;
  readonly client: OAuthClient;
  readonly userCode: string;
}

const page = (it: OAuthPage): OAuthAnswer => ({ kind: 'page', status: 200, page: it });

/**
 * Where the user of a device types its code, signs in as the client wants it, and says whether the device is theirs (RFC 8628
 * §3.3). The code alone lets nobody in: the form is bound to the session and to the device.
 */
export const devicePageEndpoint =
  (context: DeviceContext): Endpoint =>
  async (http) => {
    const { ports } = context;
    const provider = ports.settings(http.realm);
    const userCode = typedUserCode(http.parameters.user_code ?? '');
    const person = await ports.signedIn(http);
    if (person === undefined) return login(context, http, provider, userCode, { kind: 'login', isForced: false });
    if (userCode === '') return page({ kind: 'deviceCode' });
    const found = await findDevice(context, http, userCode);
    if ('problem' in found) return page({ kind: 'deviceCode', ...found });
    const verdict = verdictOf(context, http, provider, found, person);
    if (verdict.kind === 'refused') throw verdict.error;
    if (verdict.kind === 'login') return login(context, http, provider, userCode, verdict, found.client);
    const { decision, csrf } = http.parameters;
    if (http.method !== 'POST' || decision === undefined) return page(consentPage(context, http, found, person));
    if (!context.marks.isForm(csrf ?? '', person.tokenHash, ...formOf(found))) {
      throw new OAuthError('invalid_request', { description: 'The csrf is not that of this form. Begin again.' });
    }
    const approved = decision === 'allow' ? approvedBy(provider, found, person, verdict.acr) : undefined;
    return decide(context, http, found, person, approved);
  };

/** What the form is for: this device of this client, and what it asks for. */
const formOf = ({ row, client }: Found) => [client.id, [...row.scopes, row.idHash]] as const;

const findDevice = async (
  { ports }: DeviceContext,
  { realm: { realm }, clientAddress }: OAuthRequest,
  userCode: string,
): Promise<Found | { readonly problem: 'unknown' | 'tooMany'; readonly userCode: string }> => {
  const subject = `device:${sourceOf(clientAddress)}`;
  const now = ports.clock.now();
  const [counted] = await ports.throttles.get([subject]);
  if (isLocked(counted, now)) return { problem: 'tooMany', userCode };
  const row = await ports.pendingApprovals.byUserCode(realm, userCodeDigest(ports, realm, userCode));
  const client = row && ports.clients.find(realm, row.clientId);
  const found = row !== undefined && isPending(row, now) && client?.isActive === true ? { row, client } : undefined;
  // What was found is told only while nothing is locked, and what was not is counted only then, by one commit each: so of many who
  // guess at once no more learn anything than may guess one after the other, and a right code that came too late looks as wrong as all.
  const result = await ports.committer.commit([
    { type: 'throttle.unlocked', subjects: [subject], now } satisfies EngineChange,
    ...(found === undefined
      ? [{ type: 'throttle.hit', subject, policy: USER_CODE_POLICY, at: now } satisfies EngineChange]
      : []),
  ]);
  if (!result.committed) return { problem: 'tooMany', userCode };
  return found === undefined ? { problem: 'unknown', userCode } : { ...found, userCode };
};

const verdictOf = (
  context: DeviceContext,
  { parameters: { [SINCE]: mark } }: OAuthRequest,
  provider: ProviderSettings,
  { row, client, userCode }: Found,
  person: SignedIn,
): SignInVerdict => {
  const now = context.ports.clock.now();
  const since = mark === undefined ? undefined : sinceOf(context, provider.realm, { user_code: userCode }, mark);
  const { defaultMaxAge: maxAge } = client;
  const request = {
    ...unchecked(client, {}),
    acrValues: row.acrValues,
    // A device cannot say how fresh a sign-in has to be; its client can (OIDC-10).
    ...(maxAge !== undefined && { maxAge }),
    ...(since !== undefined && { since }),
  };
  return signInVerdict(request, { person, subject: subjectOf(person.identity, provider) }, provider, now);
};

/** Signs the user in, to come back to this very code. */
const login = (
  { ports, marks }: DeviceContext,
  { realm: { realm } }: OAuthRequest,
  provider: ProviderSettings,
  userCode: string,
  { isForced, tree }: Extract<SignInVerdict, { kind: 'login' }>,
  client?: OAuthClient,
): OAuthAnswer => {
  const back = { user_code: userCode };
  const query = new URLSearchParams({ ...back, [SINCE]: marks.since(realm, back, ports.clock.now()) });
  const goto = `${provider.issuer}/device/user${userCode === '' ? '' : `?${query}`}`;
  const location = ports.loginAddress({
    realm,
    goto,
    isForced,
    isPopup: false,
    ...(tree !== undefined && { tree }),
    ...templateOf(client, provider),
  });
  return { kind: 'redirect', location };
};

const consentPage = (
  { marks }: DeviceContext,
  { parameters: { [SINCE]: mark } }: OAuthRequest,
  found: Found,
  person: SignedIn,
): OAuthPage => {
  const { row, client, userCode } = found;
  return {
    kind: 'deviceConsent',
    client: { id: client.id, name: client.name },
    username: person.identity.username,
    scopes: withTextsOfClient(client, row.scopes),
    userCode: shownUserCode(userCode),
    fields: {
      user_code: userCode,
      csrf: marks.form(person.tokenHash, ...formOf(found)),
      // The decision comes from the same sign-in as the page.
      ...(mark !== undefined && { [SINCE]: mark }),
    },
  };
};

const approvedBy = (
  provider: ProviderSettings,
  { row, client }: Found,
  person: SignedIn,
  acr: string | undefined,
): ApprovedBy => ({
  userId: person.identity.id,
  credentialRev: person.identity.credentialRev,
  sid: person.sid,
  ...(client.grantGeneration !== undefined && { clientGeneration: client.grantGeneration }),
  scopes: row.scopes,
  ...(acr !== undefined && { acr }),
  ...proofOf(person, provider),
});

const decide = async (
  { ports }: DeviceContext,
  { realm: { realm }, transactionId }: OAuthRequest,
  { row, client }: Found,
  { tokenHash, identity }: SignedIn,
  approved: ApprovedBy | undefined,
): Promise<OAuthAnswer> => {
  const at = ports.clock.now();
  const result = await ports.committer.commit([
    { type: 'session.usable', tokenHash, now: at } satisfies EngineChange,
    { type: 'identity.usable', id: identity.id, credentialRev: identity.credentialRev } satisfies EngineChange,
    {
      type: 'pendingApproval.decide',
      idHash: row.idHash,
      now: at,
      ...(approved && { approved }),
    } satisfies OAuthChange,
    auditChange({ at, realm, transactionId }, 'OAUTH_DEVICE', {
      userId: identity.id,
      outcome: approved === undefined ? 'denied' : 'allowed',
      detail: { client: client.id, scope: row.scopes.join(' ') },
    }),
  ]);
  // Decided in another window, or over: the code is one that does not work any more.
  if (!result.committed) return page({ kind: 'deviceCode', problem: 'unknown' });
  return page({ kind: 'deviceDone', isApproved: approved !== undefined });
};
