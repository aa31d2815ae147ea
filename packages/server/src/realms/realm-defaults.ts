import { MIN_PASSWORD_LENGTH, type RealmSettings, USUAL_INDEXED_ATTRIBUTES } from '@assent/engine';
import { parseRealmPath } from './realm-path.ts';

/** Headers that a page of another origin may send where a realm lists no others: those that clients of AM and of OAuth send. */
export const USUAL_ACCEPTED_HEADERS: readonly string[] = [
  'accept',
  'accept-api-version',
  'content-type',
  'authorization',
  'dpop',
  'if-match',
  'if-none-match',
  'x-requested-with',
  'x-requested-platform',
  'x-openam-username',
  'x-openam-password',
  'iplanetdirectorypro',
];

/** Headers of answers that such a page may read beside those that every page may. */
export const USUAL_EXPOSED_HEADERS: readonly string[] = [
  'etag',
  'location',
  'retry-after',
  'www-authenticate',
  'x-transaction-id',
];

/** What realms that were stored before it came do not have. */
const LATER = {
  relyingPartyId: '',
  passkeyUpgrade: 'offer',
  suspendedMinutes: 5,
  treeFindings: 'warn',
  oidcSubject: 'id',
  accessTokenProfile: 'rfc9068',
  indexedAttributes: USUAL_INDEXED_ATTRIBUTES,
  brandName: '',
  brandLogo: '',
  brandColor: '',
  corsAcceptedHeaders: USUAL_ACCEPTED_HEADERS,
  corsExposedHeaders: USUAL_EXPOSED_HEADERS,
  externalLoginPageUrl: '',
  aliases: [],
  passwordMinLength: MIN_PASSWORD_LENGTH,
  passwordBlocklist: true,
  passwordForbiddenWords: [],
  reasonsRequired: false,
  fourEyes: false,
  startableJourneys: [],
  authLevelJourneys: {},
  policies: [],
  alertMail: [],
  alertWebhooks: [],
  nameInPushMessages: false,
  androidApps: [],
  appleApps: [],
} as const satisfies Partial<RealmSettings>;

/** The settings of a new realm; session times are AM's (design.md §3.3 "session times"). */
export const newRealmSettings = (path: string, publicUrl: string): RealmSettings => ({
  realm: path,
  active: true,
  defaultTree: 'Login',
  adminTree: 'AdminLogin',
  journeyMinutes: 5,
  sessionMaxMinutes: 120,
  sessionIdleMinutes: 30,
  locale: 'en',
  successUrl: `${new URL(publicUrl).pathname.replace(/(?<!\/)\/+$/, '')}/console`,
  failureUrl: '',
  gotoDestinations: [],
  numberDigits: 6,
  maxDevices: 5,
  corsOrigins: [],
  hideTokenInBody: false,
  ...LATER,
});

/** Realms that were stored before a setting came have its value of a new realm. */
export const withLaterSettings = (stored: RealmSettings): RealmSettings => ({ ...LATER, ...stored });

/**
 * True for a path that can name a realm: plain names, none of which is also a resource, since `users/authenticate`
 * could not be distinguished from a path in the root realm.
 */
export const isUsableRealmPath = (path: string): boolean =>
  /^(\/[A-Za-z0-9][\w.-]{0,63}){1,8}$/.test(path) &&
  path.split('/').every((name) => !/^(realms|root)$/.test(name)) &&
  parseRealmPath(`${path}/authenticate`)?.realm === path;
