import { parseForeignJson } from '@assent/engine';
import type { ClaimRequest, ClaimsRequest } from '../model/grants.ts';
import { isClaimOf } from '../people/claims.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { Check, CheckedRequest } from './checked-request.ts';

type Claims = Readonly<Record<string, ClaimRequest | null>>;

const MAX_LENGTH = 4_096;
const MAX_CLAIMS = 50;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string';

/** What is known of the wish for one claim; members that nobody knows are not kept (OpenID Connect Core §5.5.1). */
const claimOf = (given: unknown): ClaimRequest | null | undefined => {
  if (given === null) return null;
  if (!isObject(given)) return undefined;
  const { essential, value, values } = given;
  const isRight =
    (essential === undefined || typeof essential === 'boolean') &&
    // Left out in silence, an essential class of another type would be met by any (OIDC-11).
    (value === undefined || isText(value)) &&
    // An empty list would name no class, and hide the one in `value`: an essential class would be met by any (OIDC-11).
    (values === undefined || (Array.isArray(values) && values.length > 0 && values.every(isText)));
  if (!isRight) return undefined;
  return {
    ...(essential !== undefined && { essential }),
    ...(isText(value) && { value }),
    ...(values !== undefined && { values }),
  };
};

const claimsOf = (given: unknown): Claims | undefined => {
  if (!isObject(given)) return undefined;
  const entries = Object.entries(given).map(([name, claim]) => [name, claimOf(claim)] as const);
  const isRight = entries.length <= MAX_CLAIMS && entries.every(([, claim]) => claim !== undefined);
  // By a prototype of none: a claim may be called what it likes.
  return isRight ? Object.assign(Object.create(null), Object.fromEntries(entries)) : undefined;
};

/** Single claims go no further than scopes: those of the client, and those that its user is shown where it is asked. */
const mayAskFor = ({ client, scopes }: CheckedRequest): readonly string[] =>
  client.asksConsent ? scopes : client.scopes.map(({ name }) => name);

/**
 * `claims`: single claims, where the provider takes the parameter; else it is not read, as any that is unknown. A certain `sub` is who
 * must be signed in (OpenID Connect Core §5.5.1).
 */
export const claimsParameter: Check = (request, { provider }) => {
  const { claims: text } = request.parameters;
  if (text === undefined || !provider.takesClaimsParameter) return {};
  const refused = () =>
    new OAuthError('invalid_request', {
      description: `The claims must be a JSON object as in OpenID Connect Core §5.5, of up to ${MAX_LENGTH} characters and 32 levels.`,
    });
  if (text.length > MAX_LENGTH) throw refused();
  let parsed: unknown;
  try {
    parsed = parseForeignJson(text);
  } catch (cause) {
    throw new OAuthError('invalid_request', { description: refused().description, cause });
  }
  if (!isObject(parsed)) throw refused();
  const read = (part: unknown) => {
    const claims = part === undefined ? undefined : claimsOf(part);
    if (part !== undefined && claims === undefined) throw refused();
    return claims;
  };
  const own = (claims: Claims): Claims =>
    Object.fromEntries(Object.entries(claims).filter(([name]) => isClaimOf(mayAskFor(request), name)));
  const [idToken, userinfo] = [read(parsed.id_token), read(parsed.userinfo)];
  const claims: ClaimsRequest = {
    ...(idToken && { id_token: own(idToken) }),
    ...(userinfo && { userinfo: own(userinfo) }),
  };
  const expectedSubject = idToken?.sub?.value;
  return { claims, ...(expectedSubject !== undefined && { expectedSubject }) };
};
