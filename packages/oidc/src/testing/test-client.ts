import type { OAuthClient } from '../model/clients.ts';
import { type ProviderSettings, USUAL_USER_CODES } from '../model/provider.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A public client with all usual settings, where a test does not say otherwise. */
export const testClient = (settings: Partial<OAuthClient> = {}): OAuthClient => ({
  realm: '/',
  id: 'app',
  isActive: true,
  isPublic: true,
  authMethod: 'none',
  secrets: [],
  name: { '': 'The app' },
  description: {},
  redirectUris: ['https://app.example/cb'],
  anyLoopbackPort: false,
  postLogoutRedirectUris: ['https://app.example/bye'],
  origins: [],
  scopes: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'].map((name) => ({ name })),
  defaultScopes: ['openid'],
  grantTypes: ['authorization_code', 'refresh_token'],
  responseTypes: ['code', 'id_token'],
  lifetimes: { code: 2 * MINUTE, access: HOUR, refresh: 7 * 24 * HOUR, idToken: HOUR },
  refreshGrace: 30_000,
  issuesRefreshTokens: true,
  rotatesRefreshTokens: true,
  jwtAccessTokens: false,
  // Made and verified in a fraction of the time of RS256.
  idTokenAlgorithm: 'ES256',
  requiresPkce: false,
  requiresPar: false,
  requiresDpop: false,
  asksConsent: false,
  defaultAcrValues: [],
  ...settings,
});

/** What the provider of a realm says, where a test does not say otherwise. */
export const testSettings = (settings: Partial<ProviderSettings> = {}): ProviderSettings => ({
  realm: '/',
  issuer: 'https://id.example/am/oauth2/realms/root',
  isDiscoverable: true,
  scopes: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'],
  grantTypes: [
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
  ],
  claims: ['sub', 'name', 'email'],
  treeOfAcr: new Map([['push', 'PushLogin']]),
  waysOfAcr: () => [],
  amrMappings: new Map(),
  takesClaimsParameter: true,
  requiresPar: false,
  claimsInIdToken: false,
  subject: 'id',
  accessTokenProfile: 'rfc9068',
  parLifetime: 90_000,
  device: { lifetime: 300_000, interval: 5, userCode: USUAL_USER_CODES },
  ...settings,
});
