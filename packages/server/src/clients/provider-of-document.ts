import type { RealmSettings } from '@assent/engine';
import {
  MAX_SIGNED_MILLIS,
  type ProviderSettings,
  type ScopeText,
  USUAL_USER_CODES,
  type UserCodeForm,
} from '@assent/oidc';
import { type JsonObject, PROVIDER_SECTIONS } from '@assent/wire';
import { DocumentReader, type Finding } from './document-reader.ts';
import { findForeignPlugins } from './foreign-plugins.ts';
import { loginTemplateOf } from './login-template.ts';
import { scopeTexts } from './texts-for-people.ts';

/** What counts for a client of the realm that says nothing of its own. */
export interface ClientDefaults {
  readonly codeSeconds: number;
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
  readonly idTokenSeconds: number;
  readonly refreshGraceSeconds: number;
  readonly issuesRefreshTokens: boolean;
  readonly rotatesRefreshTokens: boolean;
  readonly jwtAccessTokens: boolean;
  readonly canSkipConsent: boolean;
  readonly needsPkce: boolean;
  readonly requiresPar: boolean;
  readonly scopes: readonly ScopeText[];
  readonly defaultScopes: readonly string[];
}

export interface ReadProvider {
  readonly settings: ProviderSettings;
  readonly clientDefaults: ClientDefaults;
  /** What of it does not count as it stands. */
  readonly findings: readonly Finding[];
}

const DAY = 86_400;
/** How long a refresh token, and with it all that follows from a sign-in, can go on (spec: oidc §5.1). */
const MAX_LIFE_SECONDS = 365 * DAY;
/** RFC 9700 §4.14.2: a successor that is handed out again for longer than this protects nobody. */
export const MAX_GRACE_SECONDS = 120;
export const MAX_CODE_SECONDS = 600;
const MAX_TOKEN_SECONDS = 30 * DAY;
/** Of what a key signs, since keys are shown no longer than that. */
export const MAX_JWT_SECONDS = MAX_SIGNED_MILLIS / 1_000;

/** The most that an access token may last. */
export const maxAccessSeconds = (isJwt: boolean): number => (isJwt ? MAX_JWT_SECONDS : MAX_TOKEN_SECONDS);

/** The grants that tokens are given for here. */
export const GRANT_TYPES: ReadonlySet<string> = new Set([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
]);

/** Claims of OpenID Connect Core §5.4 that the attributes of a user make; that somebody reads the mail of an address, none says. */
const STANDARD_CLAIMS = [
  'name',
  'given_name',
  'family_name',
  'preferred_username',
  'locale',
  'zoneinfo',
  'email',
  'address',
  'phone_number',
];

/** What nodes prove themselves; nobody can claim it by a property of the session (OIDC-12). */
const PROVEN_METHODS = new Set(['pwd', 'swk', 'user', 'mca', 'mfa', 'otp', 'sms', 'recovery']);

/** What AM's provider service says of a realm, as it counts here (spec: oidc §3.3). */
export const readProvider = (
  document: JsonObject,
  realm: RealmSettings,
  issuer: string,
  waysOfAcr: ProviderSettings['waysOfAcr'],
): ReadProvider => {
  const read = new DocumentReader(PROVIDER_SECTIONS, document);
  const scopes = scopeTexts(read.texts('advancedOAuth2Config', 'supportedScopes'));
  const claims = read.texts('coreOIDCConfig', 'supportedClaims').map((claim) => claim.split('|')[0] ?? claim);
  const defaultAcr = read.texts('advancedOIDCConfig', 'defaultACR')[0];
  const amrMappings = Object.entries(read.textsByName('advancedOIDCConfig', 'amrMappings')).filter(([name, method]) => {
    const isProven = PROVEN_METHODS.has(method);
    if (isProven) read.find('advancedOIDCConfig', 'amrMappings', `maps ${name} to ${method}, which only nodes prove`);
    return !isProven;
  });
  const jwtAccessTokens = read.flag('coreOAuth2Config', 'statelessTokensEnabled');
  const requiresPar = read.flag('advancedOAuth2Config', 'requirePushedAuthorizationRequests');
  findUnused(read);
  return {
    settings: {
      realm: realm.realm,
      issuer,
      isDiscoverable: read.flag('coreOIDCConfig', 'oidcDiscoveryEndpointEnabled'),
      scopes: scopes.map(({ name }) => name),
      grantTypes: read.texts('advancedOAuth2Config', 'grantTypes').filter((type) => GRANT_TYPES.has(type)),
      claims: claims.length === 0 ? STANDARD_CLAIMS : claims,
      treeOfAcr: new Map(Object.entries(read.textsByName('advancedOIDCConfig', 'loaMapping'))),
      waysOfAcr,
      ...(defaultAcr !== undefined && { defaultAcr }),
      amrMappings: new Map(amrMappings),
      takesClaimsParameter: read.flag('advancedOIDCConfig', 'claimsParameterSupported'),
      requiresPar,
      ...loginTemplateOf(read.text('advancedOAuth2Config', 'customLoginUrlTemplate'), (problem) =>
        read.find('advancedOAuth2Config', 'customLoginUrlTemplate', problem),
      ),
      claimsInIdToken: read.flag('advancedOIDCConfig', 'alwaysAddClaimsToToken'),
      subject: realm.oidcSubject,
      accessTokenProfile: realm.accessTokenProfile,
      parLifetime: read.bounded('advancedOAuth2Config', 'parRequestUriLifetime', { from: 5, to: 600 }) * 1_000,
      device: {
        lifetime: read.bounded('deviceCodeConfig', 'deviceCodeLifetime', { from: 30, to: 1_800 }) * 1_000,
        interval: read.bounded('deviceCodeConfig', 'devicePollInterval', { from: 1, to: 60 }),
        userCode: userCodesOf(read),
      },
    },
    clientDefaults: {
      codeSeconds: read.bounded('coreOAuth2Config', 'codeLifetime', { from: 1, to: MAX_CODE_SECONDS }),
      accessSeconds: read.bounded('coreOAuth2Config', 'accessTokenLifetime', {
        from: 1,
        to: maxAccessSeconds(jwtAccessTokens),
      }),
      refreshSeconds: refreshSeconds(read.number('coreOAuth2Config', 'refreshTokenLifetime')),
      idTokenSeconds: read.bounded('coreOIDCConfig', 'jwtTokenLifetime', { from: 1, to: MAX_JWT_SECONDS }),
      refreshGraceSeconds: read.bounded('advancedOAuth2Config', 'refreshTokenGracePeriod', {
        from: 0,
        to: MAX_GRACE_SECONDS,
      }),
      issuesRefreshTokens: read.flag('coreOAuth2Config', 'issueRefreshToken'),
      rotatesRefreshTokens: read.flag('coreOAuth2Config', 'issueRefreshTokenOnRefreshedToken'),
      jwtAccessTokens,
      canSkipConsent: read.flag('consent', 'clientsCanSkipConsent'),
      needsPkce: read.text('advancedOAuth2Config', 'codeVerifierEnforced') === 'true',
      requiresPar,
      scopes,
      defaultScopes: read.texts('advancedOAuth2Config', 'defaultScopes'),
    },
    findings: read.findings,
  };
};

/** So few signs make no code that is long enough to be safe and short enough to be typed. */
const LEAST_SIGNS = 10;

/**
 * What the codes of devices are made of. AM's usual signs stand for ours, of which none is taken for another when small letters are as
 * good as capital ones; where a realm has signs of its own, its codes are as long as they have to be.
 */
const userCodesOf = (read: DocumentReader<typeof PROVIDER_SECTIONS>): UserCodeForm => {
  const section = 'deviceCodeConfig';
  const length = read.bounded(section, 'deviceUserCodeLength', { from: USUAL_USER_CODES.length, to: 16 });
  const given = read.text(section, 'deviceUserCodeCharacterSet');
  const usual = { length, signs: USUAL_USER_CODES.signs };
  if (given === undefined || given === PROVIDER_SECTIONS[section].deviceUserCodeCharacterSet.initial) return usual;
  const signs = [...new Set(given.toUpperCase().replaceAll(/[^A-Z0-9]/g, ''))].join('');
  if (signs.length < LEAST_SIGNS) {
    const problem = `has ${signs.length} letters and digits, capital or small, and ${LEAST_SIGNS} are the least; ${usual.signs} counts in its place`;
    read.find(section, 'deviceUserCodeCharacterSet', problem);
    return usual;
  }
  const guesses = Math.log(USUAL_USER_CODES.signs.length) * USUAL_USER_CODES.length;
  const safe = Math.ceil(guesses / Math.log(signs.length));
  if (safe > length) {
    const problem = `is short for ${signs.length} signs, with which codes are guessed; they have ${safe}`;
    read.find(section, 'deviceUserCodeLength', problem);
  }
  return { length: Math.max(length, safe), signs };
};

/** As AM says it: a negative one never ends, which here is a year. */
export const refreshSeconds = (given: number): number =>
  given < 0 ? MAX_LIFE_SECONDS : Math.min(Math.max(given, 1), MAX_LIFE_SECONDS);

/** What AM would do by these settings, and this server does not. */
const findUnused = (read: DocumentReader<typeof PROVIDER_SECTIONS>): void => {
  const algorithm = read.text('advancedOAuth2Config', 'tokenSigningAlgorithm') ?? 'RS256';
  if (algorithm !== 'RS256' && algorithm !== 'ES256') {
    read.find('advancedOAuth2Config', 'tokenSigningAlgorithm', `is ${algorithm}; access tokens are signed with RS256`);
  }
  const unused = [
    ['advancedOAuth2Config', 'tokenEncryptionEnabled', 'is on; tokens are not encrypted here'],
    ['coreOAuth2Config', 'macaroonTokensEnabled', 'is on; tokens are no macaroons here'],
    [
      'coreOAuth2Config',
      'usePolicyEngineForScope',
      'is on; policies do not decide about scopes here, and the scopes of a client decide',
    ],
    ['consent', 'enableRemoteConsent', 'is on; people are asked by our own page'],
    ['clientDynamicRegistrationConfig', 'allowDynamicRegistration', 'is on; clients do not register themselves here'],
  ] as const;
  for (const [section, name, problem] of unused) {
    // Each pair is one of the table's; the compiler cannot follow a union of sections and names.
    if (read.flag(section, name as never)) read.find(section, name as never, problem);
  }
  findForeignPlugins(read, 'pluginsConfig');
};
