import type { ClientDocument } from '@assent/engine/host';
import {
  type LocalizedText,
  type OAuthClient,
  readClientGenerations,
  type SigningAlgorithm,
  usableKeys,
} from '@assent/oidc';
import { CLIENT_SECTIONS, OVERRIDES } from '@assent/wire';
import { isLoopback } from '../settings/loopback.ts';
import { findUnsupported, usableGrantTypes } from './client-obstacles.ts';
import { keptSecretsOf } from './client-secret.ts';
import { DocumentReader, type Finding } from './document-reader.ts';
import { loginTemplateOf } from './login-template.ts';
import {
  type ClientDefaults,
  MAX_CODE_SECONDS,
  MAX_GRACE_SECONDS,
  MAX_JWT_SECONDS,
  maxAccessSeconds,
  type ReadProvider,
  refreshSeconds,
} from './provider-of-document.ts';
import { originOf, redirectUriFault } from './redirect-uris.ts';
import { localizedTexts, scopeTexts, withTextsOf } from './texts-for-people.ts';

export interface ReadClient {
  readonly client: OAuthClient;
  /** What of its document does not count as it stands, or does not work here. */
  readonly findings: readonly Finding[];
}

export type ClientReader = DocumentReader<typeof CLIENT_SECTIONS>;

const CORE = 'coreOAuth2ClientConfig';
const ADVANCED = 'advancedOAuth2ClientConfig';
const OPENID = 'coreOpenIDClientConfig';
const SIGNING = 'signEncOAuth2ClientConfig';

const AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;

/** What AM's document says of a client, over what its provider says, as it counts here (spec: oidc §3.2). */
export const readClient = (stored: ClientDocument, provider: ReadProvider): ReadClient => {
  const read: ClientReader = new DocumentReader(CLIENT_SECTIONS, stored.document);
  const { clientDefaults } = provider;
  const isPublic = read.text(CORE, 'clientType') === 'Public';
  const ours = ownProperties(read);
  const overrides = overridesOf(read, provider);
  const scopes = withTextsOf(clientDefaults.scopes, scopeTexts(read.texts(CORE, 'scopes')));
  const defaultAcrValues = read.texts(OPENID, 'defaultAcrValues');
  const defaultMaxAge = read.flag(OPENID, 'defaultMaxAgeEnabled') ? read.number(OPENID, 'defaultMaxAge') : undefined;
  const backchannelLogoutUri = calledUri(read, OPENID, 'backchannel_logout_uri');
  const keys = keysOf(read);
  const client: OAuthClient = {
    realm: stored.realm,
    id: stored.id,
    isActive: isActive(read),
    ...readClientGenerations(stored.generation),
    isPublic,
    secrets: isPublic
      ? []
      : keptSecretsOf(stored).map((kept) => ({ ...kept, digest: Buffer.from(kept.digest, 'base64url') })),
    authMethod: isPublic ? 'none' : authMethodOf(read),
    name: namesOf(read),
    description: localizedTexts(read.texts(ADVANCED, 'descriptions')),
    ...link(read, 'logoUri', 'logoUri'),
    ...link(read, 'policyUri', 'policyUri'),
    ...link(read, 'tosURI', 'termsUri'),
    redirectUris: usableUris(read, CORE, 'redirectionUris'),
    anyLoopbackPort: read.flag(CORE, 'loopbackInterfaceRedirection'),
    postLogoutRedirectUris: usableUris(read, OPENID, 'postLogoutRedirectUri'),
    origins: originsOf(read),
    scopes,
    defaultScopes: defaultScopesOf(
      read.texts(CORE, 'defaultScopes'),
      clientDefaults.defaultScopes,
      scopes.map(({ name }) => name),
    ),
    grantTypes: usableGrantTypes(read, provider.settings),
    responseTypes: read.texts(ADVANCED, 'responseTypes').map((type) => type.split(' ').sort().join(' ')),
    lifetimes: lifetimesOf(read, provider, overrides.jwtAccessTokens),
    refreshGrace: graceSeconds(read, clientDefaults.refreshGraceSeconds) * 1_000,
    issuesRefreshTokens: overrides.issuesRefreshTokens,
    // RFC 9700 §4.14.2: a refresh token that is bound to nothing must not be good twice, whatever an import says.
    rotatesRefreshTokens: (isPublic && !ours.requiresDpop) || overrides.rotatesRefreshTokens,
    jwtAccessTokens: overrides.jwtAccessTokens,
    idTokenAlgorithm: algorithmOf(read),
    requiresPkce: isPublic || clientDefaults.needsPkce,
    requiresPar: clientDefaults.requiresPar || read.flag(ADVANCED, 'require_pushed_authorization_requests'),
    requiresDpop: ours.requiresDpop,
    ...(overrides.loginTemplate !== undefined && { loginTemplate: overrides.loginTemplate }),
    asksConsent: !(overrides.canSkipConsent && read.flag(ADVANCED, 'isConsentImplied')),
    defaultAcrValues,
    ...(ours.requiredAcr !== undefined && { requiredAcr: ours.requiredAcr }),
    ...(defaultMaxAge !== undefined && { defaultMaxAge }),
    ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri }),
    ...(keys !== undefined && { keys }),
  };
  findUnsupported(read, client, provider.settings);
  return { client, findings: read.findings };
};

/** Both of AM's names are shown to people; the one that is meant for them counts first. */
const namesOf = (read: ClientReader): LocalizedText => ({
  ...localizedTexts(read.texts(CORE, 'clientName')),
  ...localizedTexts(read.texts(ADVANCED, 'name')),
});

const authMethodOf = (read: ClientReader): OAuthClient['authMethod'] => {
  const given = read.text(ADVANCED, 'tokenEndpointAuthMethod');
  const known = AUTH_METHODS.find((method) => method === given);
  if (known === undefined) {
    read.find(
      ADVANCED,
      'tokenEndpointAuthMethod',
      `is ${given ?? 'unset'}; the client has to prove itself by its secret`,
    );
  }
  return known ?? 'client_secret_basic';
};

const algorithmOf = (read: ClientReader): SigningAlgorithm => {
  const given = read.text(SIGNING, 'idTokenSignedResponseAlg') ?? 'RS256';
  if (given === 'ES256' || given === 'RS256') return given;
  read.find(
    SIGNING,
    'idTokenSignedResponseAlg',
    `is ${given}; ID tokens are signed with RS256, or ES256 where you say so`,
  );
  return 'RS256';
};

/** Those that may be: what is wrong with the others is found. */
const usableUris = <N extends typeof CORE | typeof OPENID>(
  read: ClientReader,
  section: N,
  name: keyof (typeof CLIENT_SECTIONS)[N] & string,
): readonly string[] =>
  read.texts(section, name).filter((uri) => {
    const fault = redirectUriFault(uri);
    if (fault !== undefined) read.find(section, name, `has ${uri}, which ${fault}; it is not used`);
    return fault === undefined;
  });

const originsOf = (read: ClientReader): readonly string[] => {
  const origins = read.texts(ADVANCED, 'javascriptOrigins').flatMap((text) => {
    const origin = originOf(text);
    if (origin === undefined)
      read.find(ADVANCED, 'javascriptOrigins', `has ${text}, which is no origin; it is not used`);
    return origin ?? [];
  });
  return [...new Set(origins)];
};

/** An address that people are shown: the first of AM's list, by https alone. */
const link = <K extends 'logoUri' | 'policyUri' | 'termsUri'>(
  read: ClientReader,
  name: 'logoUri' | 'policyUri' | 'tosURI',
  member: K,
): { readonly [M in K]?: string } => {
  const [entry] = read.texts(ADVANCED, name);
  if (entry === undefined) return {};
  const uri = Object.values(localizedTexts([entry]))[0] ?? '';
  if (URL.canParse(uri) && new URL(uri).protocol === 'https:')
    return { [member]: uri } as { readonly [M in K]?: string };
  read.find(ADVANCED, name, `is ${uri}, which is no address that begins with https://; it is not shown`);
  return {};
};

const MAX_CALLED_URI_LENGTH = 2_048;

/** An address that this server calls: by https, or on this machine; where it leads is judged when it is called (OIDC-25). */
export const isCallable = (uri: string): boolean => {
  if (uri.length > MAX_CALLED_URI_LENGTH || !URL.canParse(uri)) return false;
  const { protocol, hostname, hash, username, password } = new URL(uri);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  return isSafe && hash === '' && username === '' && password === '';
};

const calledUri = <N extends typeof OPENID | typeof SIGNING>(
  read: ClientReader,
  section: N,
  name: keyof (typeof CLIENT_SECTIONS)[N] & string,
): string | undefined => {
  const uri = read.text(section, name);
  if (uri === undefined || isCallable(uri)) return uri;
  read.find(section, name, `is ${uri}, which is no address that begins with https://; it is not called`);
  return undefined;
};

/** What the client signs can be checked by the keys that it lists, or that are found at an address. */
const keysOf = (read: ClientReader): OAuthClient['keys'] => {
  const location = read.text(SIGNING, 'publicKeyLocation');
  if (location === 'jwks_uri') {
    const uri = calledUri(read, SIGNING, 'jwksUri');
    return uri === undefined ? undefined : { uri };
  }
  const set = read.text(SIGNING, 'jwkSet');
  if (location !== 'jwks' || set === undefined) return undefined;
  const keys = usableKeys(set);
  if (keys !== undefined && keys.length > 0) return { set };
  const problem =
    keys === undefined ? 'is no JSON Web Key Set' : 'has no public key that signatures are checked by here';
  read.find(SIGNING, 'jwkSet', `${problem}; it is not used`);
  return undefined;
};

/** What of a client says who may use it at all, and how strongly its users have to sign in. */
export const strictnessOf = ({ document }: ClientDocument): Pick<OAuthClient, 'isActive' | 'requiredAcr'> => {
  const read: ClientReader = new DocumentReader(CLIENT_SECTIONS, document);
  const { requiredAcr } = ownProperties(read);
  return { isActive: isActive(read), ...(requiredAcr !== undefined && { requiredAcr }) };
};

/** The origins of the application alone: pages call before any request has named the client (SEC-93). */
export const originsOfDocument = ({ document }: ClientDocument): readonly string[] => {
  const read: ClientReader = new DocumentReader(CLIENT_SECTIONS, document);
  return isActive(read) ? originsOf(read) : [];
};

const isActive = (read: ClientReader): boolean => read.text(CORE, 'status') === 'Active';

/** `custom=value` of AM, as far as they are ours. */
const ownProperties = (read: ClientReader): { readonly requiredAcr?: string; readonly requiresDpop: boolean } => {
  const properties = new Map(
    read.allTexts(ADVANCED, 'customProperties').map((entry) => {
      const at = entry.indexOf('=');
      return at < 0 ? [entry.trim(), ''] : [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
    }),
  );
  for (const name of properties.keys()) {
    if (!name.startsWith('assent.') || name === 'assent.requiredAcr' || name === 'assent.dpop') continue;
    read.find(ADVANCED, 'customProperties', `has ${name}, which is no property of ours`);
  }
  const requiredAcr = properties.get('assent.requiredAcr');
  return {
    ...(requiredAcr !== undefined && requiredAcr !== '' && { requiredAcr }),
    requiresDpop: properties.get('assent.dpop') === 'required',
  };
};

/** What the client decides for itself where it may, and the provider decides otherwise. */
type Overrides = Pick<
  ClientDefaults,
  'issuesRefreshTokens' | 'rotatesRefreshTokens' | 'jwtAccessTokens' | 'canSkipConsent'
> &
  Pick<OAuthClient, 'loginTemplate'>;

const overridesOf = (read: ClientReader, { clientDefaults }: ReadProvider): Overrides =>
  read.flag(OVERRIDES, 'providerOverridesEnabled')
    ? {
        issuesRefreshTokens: read.flag(OVERRIDES, 'issueRefreshToken'),
        rotatesRefreshTokens: read.flag(OVERRIDES, 'issueRefreshTokenOnRefreshedToken'),
        jwtAccessTokens: read.flag(OVERRIDES, 'statelessTokensEnabled'),
        canSkipConsent: read.flag(OVERRIDES, 'clientsCanSkipConsent'),
        ...loginTemplateOf(read.text(OVERRIDES, 'customLoginUrlTemplate'), (problem) =>
          read.find(OVERRIDES, 'customLoginUrlTemplate', problem),
        ),
      }
    : clientDefaults;

/** A scope that the client may not ask for is granted to nobody by default, either. */
const defaultScopesOf = (
  own: readonly string[],
  ofProvider: readonly string[],
  allowed: readonly string[],
): readonly string[] => {
  const names = new Set(allowed);
  return (own.length > 0 ? own : ofProvider).filter((scope) => names.has(scope));
};

const lifetimesOf = (
  read: ClientReader,
  { clientDefaults }: ReadProvider,
  jwtAccessTokens: boolean,
): OAuthClient['lifetimes'] => {
  const refresh = read.number(CORE, 'refreshTokenLifetime');
  const seconds = (own: number, ofProvider: number): number => (own === 0 ? ofProvider : own);
  const within = (most: number) => ({ from: 0, to: most });
  const maxAccess = maxAccessSeconds(jwtAccessTokens);
  const access = seconds(read.bounded(CORE, 'accessTokenLifetime', within(maxAccess)), clientDefaults.accessSeconds);
  if (access > maxAccess) {
    read.find(
      CORE,
      'accessTokenLifetime',
      `is unset, and the ${access} of the provider are too many for a JWT; ${maxAccess} counts in their place`,
    );
  }
  return {
    code:
      1_000 *
      seconds(read.bounded(CORE, 'authorizationCodeLifetime', within(MAX_CODE_SECONDS)), clientDefaults.codeSeconds),
    access: 1_000 * Math.min(access, maxAccess),
    refresh: 1_000 * (refresh === 0 ? clientDefaults.refreshSeconds : refreshSeconds(refresh)),
    idToken:
      1_000 * seconds(read.bounded(OPENID, 'jwtTokenLifetime', within(MAX_JWT_SECONDS)), clientDefaults.idTokenSeconds),
  };
};

const graceSeconds = (read: ClientReader, ofProvider: number): number => {
  const own = read.bounded(ADVANCED, 'refreshTokenGracePeriod', { from: 0, to: MAX_GRACE_SECONDS });
  return own === 0 ? ofProvider : own;
};
