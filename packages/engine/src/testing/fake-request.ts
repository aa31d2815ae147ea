import type { JourneyLog } from '../execution/execution-context.ts';
import type { RealmSettings } from '../model/configuration.ts';
import type { Session } from '../model/sessions.ts';
import { isSignInHeader, isWithheldHeader } from '../model/withheld-names.ts';
import type { JourneyRequest, PageCapability } from '../node/journey-request.ts';

export interface FakeRequestOptions {
  /** By lower-case name; several values for a header that is sent several times. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  readonly cookies?: Readonly<Record<string, string>>;
  readonly locales?: readonly string[];
  readonly clientAddress?: string;
  readonly session?: Session;
  /** What a page of ours says; absent where another client calls. */
  readonly pageCan?: readonly PageCapability[];
}

/** What a browser sends with its callbacks, where a test does not say otherwise. */
export const fakeRequest = ({
  headers = {},
  parameters,
  cookies,
  locales = ['en'],
  clientAddress,
  session,
  pageCan,
}: FakeRequestOptions = {}): JourneyRequest => {
  const given = Object.entries(headers).map(([name, value]) => [name, [value].flat()] as const);
  const shown = Object.fromEntries(given.filter(([name]) => !isWithheldHeader(name)));
  return {
    header: (name) => shown[name.toLowerCase()]?.[0],
    headerCount: (name) => shown[name.toLowerCase()]?.length ?? 0,
    headers: shown,
    signInHeaders: Object.fromEntries(given.filter(([name]) => isSignInHeader(name))),
    ...(parameters && { parameters }),
    ...(cookies && { cookies }),
    locales,
    clientAddress: clientAddress ?? '192.0.2.7',
    transactionId: 'test-transaction',
    ...(session && { session }),
    ...(pageCan && { pageCan: (capability: PageCapability) => pageCan.includes(capability) }),
  };
};

/** Settings of the root realm, where a test does not say otherwise. */
export const testRealm = (settings: Partial<RealmSettings> = {}): RealmSettings => ({
  realm: '/',
  active: true,
  defaultTree: 'Login',
  adminTree: 'AdminLogin',
  journeyMinutes: 5,
  suspendedMinutes: 5,
  sessionMaxMinutes: 120,
  sessionIdleMinutes: 30,
  locale: 'en',
  successUrl: '/am/console',
  failureUrl: '',
  externalLoginPageUrl: '',
  aliases: [],
  gotoDestinations: [],
  numberDigits: 6,
  nameInPushMessages: false,
  maxDevices: 5,
  relyingPartyId: '',
  passkeyUpgrade: 'offer',
  corsOrigins: [],
  corsAcceptedHeaders: [],
  corsExposedHeaders: [],
  androidApps: [],
  appleApps: [],
  hideTokenInBody: false,
  alertMail: [],
  alertWebhooks: [],
  treeFindings: 'warn',
  oidcSubject: 'id',
  indexedAttributes: ['mail', 'telephoneNumber', 'uid'],
  accessTokenProfile: 'rfc9068',
  brandName: '',
  brandLogo: '',
  brandColor: '',
  passwordMinLength: 8,
  passwordBlocklist: true,
  reasonsRequired: false,
  fourEyes: false,
  startableJourneys: [],
  authLevelJourneys: {},
  policies: [],
  passwordForbiddenWords: [],
  ...settings,
});

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly msg: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that a test can read. */
export const memoryLog = (): JourneyLog & { readonly lines: readonly LogLine[] } => {
  const lines: LogLine[] = [];
  return {
    lines,
    debug(msg, fields) {
      lines.push({ level: 'debug', msg, fields });
    },
    info(msg, fields) {
      lines.push({ level: 'info', msg, fields });
    },
    warn(msg, fields) {
      lines.push({ level: 'warn', msg, fields });
    },
    error(msg, fields) {
      lines.push({ level: 'error', msg, fields });
    },
  };
};
