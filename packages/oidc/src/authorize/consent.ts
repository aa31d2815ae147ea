import type { CheckedRequest } from '../checks/checked-request.ts';
import { withTextsOfClient } from '../model/clients.ts';
import { isConsentTo, type SavedConsent } from '../model/consents.ts';
import type { SignedIn } from '../people/signed-in.ts';
import type { OAuthPage } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { Parameters } from '../protocol/request.ts';
import type { RequestMarks } from '../tokens/request-marks.ts';
import type { WithRedirectUri } from './response.ts';

/** What a form of the consent page says, or a client in its place; absent where the request decides nothing. */
export interface Decision {
  readonly isAllowed: boolean;
  readonly csrf: string;
  readonly isSaved: boolean;
}

/** Parts what a form says of the decision from the request that it is about. */
export const decisionOf = (
  parameters: Parameters,
): { readonly decision: Decision | undefined; readonly request: Parameters } => {
  const { decision, csrf, save_consent: save, ...request } = parameters;
  if (decision === undefined) return { decision: undefined, request: parameters };
  return { decision: { isAllowed: decision === 'allow', csrf: csrf ?? '', isSaved: save === 'on' }, request };
};

/** Whether the user has to be asked: never twice for the same, and in any case where the request says so. */
export const needsConsent = ({ client, prompts, scopes }: CheckedRequest, saved: SavedConsent | undefined): boolean => {
  if (prompts.has('consent')) return true;
  if (!client.asksConsent) return false;
  if (saved === undefined || !isConsentTo(client, saved)) return true;
  const agreed = new Set(saved.scopes);
  return scopes.some((scope) => !agreed.has(scope));
};

/** Refuses a decision that this user has not made here: in this session, for this client and scope (OIDC-09). */
export const demandOwnDecision = (
  { csrf }: Decision,
  { client, scopes }: CheckedRequest,
  person: SignedIn,
  marks: RequestMarks,
): void => {
  if (marks.isForm(csrf, person.tokenHash, client.id, scopes)) return;
  const description = 'The csrf is not that of this form. Begin again.';
  throw new OAuthError('invalid_request', { description, staysHere: true });
};

/** The origin of an address, or the scheme of one that no server answers to: where a form may lead (spec: oidc §1.6). */
const formTargetOf = (uri: string): string => {
  const { origin, protocol } = new URL(uri);
  return origin === 'null' ? protocol : origin;
};

/** Asks the user; the form brings the whole request back, as it came, with the proof that it was made here. */
export const consentPage = (
  request: WithRedirectUri,
  person: SignedIn,
  sent: Parameters,
  marks: RequestMarks,
): OAuthPage => {
  const { client, scopes, redirectUri } = request;
  const { id, name, description, logoUri, policyUri, termsUri } = client;
  const fields = Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    kind: 'consent',
    client: {
      id,
      name,
      description,
      ...(logoUri !== undefined && { logoUri }),
      ...(policyUri !== undefined && { policyUri }),
      ...(termsUri !== undefined && { termsUri }),
    },
    username: person.identity.username,
    scopes: withTextsOfClient(client, scopes),
    fields: { ...Object.fromEntries(fields), csrf: marks.form(person.tokenHash, id, scopes) },
    formTarget: formTargetOf(redirectUri),
  };
};
