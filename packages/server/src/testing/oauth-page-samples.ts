import type { OAuthPage } from '@assent/oidc';

/** A picture of 96 by 32 pixels, all of one colour. */
const LOGO =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAGAAAAAgAQMAAADXDu8XAAAAA1BMVEUfX6hVLrPWAAAADklEQVR42mNgGAWDGQAAAaAAAY1mJ9YAAAAASUVORK5CYII=';

const scopes = [
  { name: 'openid' },
  { name: 'profile' },
  { name: 'email' },
  { name: 'address' },
  { name: 'phone' },
  { name: 'offline_access' },
  { name: 'calendar.read', text: { '': 'Read your calendar', de: 'Ihren Kalender lesen' } },
  { name: 'urn:example:reports' },
];

const app = {
  id: 'planner',
  name: { '': 'Planner', ja: 'プランナー' },
  description: { '': 'Plans the week of your team.', de: 'Plant die Woche Ihres Teams.' },
  logoUri: LOGO,
  policyUri: 'https://planner.example/privacy',
  termsUri: 'https://planner.example/terms',
};

const RTL_OVERRIDE = '\u202e';
const ATTACK = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'"><b>`;

const consent = {
  kind: 'consent',
  client: app,
  username: 'demo',
  scopes,
  fields: { client_id: 'planner', state: 'st4te-secret', csrf: 'csrf-secret' },
  formTarget: 'https://planner.example',
} as const satisfies OAuthPage;

const deviceConsent = {
  kind: 'deviceConsent',
  client: app,
  username: 'demo',
  scopes: scopes.slice(0, 3),
  userCode: 'WDJB-MJHT',
  fields: { user_code: 'WDJB-MJHT', csrf: 'csrf-secret' },
} as const satisfies OAuthPage;

/** Every page of the provider in every state that it has, and what somebody hostile might make of it. */
export const oauthPageSamples = {
  consent,
  'consent-plain': { ...consent, client: { id: 'planner', name: {}, description: {} }, scopes: [] },
  'consent-hostile': {
    ...consent,
    client: {
      ...app,
      name: { '': `${RTL_OVERRIDE}${ATTACK}${'W'.repeat(10_000)}` },
      description: { '': `${ATTACK}\n${RTL_OVERRIDE}${'long '.repeat(2_000)}` },
      logoUri: 'https://tracker.example/logo.png',
      policyUri: "javascript:document.title='owned'",
      termsUri: 'data:text/html,<script>1</script>',
    },
    scopes: [{ name: `${ATTACK}${'x'.repeat(10_000)}`, text: { '': `${RTL_OVERRIDE}${ATTACK}${'y'.repeat(10_000)}` } }],
    username: `${RTL_OVERRIDE}${ATTACK}`,
    fields: { ...consent.fields, state: `${ATTACK}${'s'.repeat(1_000)}`, decision: 'allow', save_consent: 'on' },
  },
  'form-post': {
    kind: 'formPost',
    action: 'https://planner.example/callback',
    fields: { code: 'c0de-secret', state: ATTACK, submit: 'in the way' },
  },
  'error-request': {
    kind: 'error',
    code: 'invalid_request',
    description: 'The csrf is not that of this form. Begin again.',
  },
  'error-client': {
    kind: 'error',
    code: 'invalid_client',
    description: 'The client_id is that of no client of this realm, or of one that is out of use.',
  },
  'error-redirect': {
    kind: 'error',
    code: 'redirect_uri_mismatch',
    description: 'The redirection URI provided does not match a pre-registered value.',
  },
  'error-sign-out': {
    kind: 'error',
    code: 'bad_request',
    description: 'The endSession endpoint requires an id_token_hint parameter',
  },
  'error-fault': { kind: 'error', code: 'server_error', description: 'The server could not do this. Try again.' },
  'error-busy': { kind: 'error', code: 'temporarily_unavailable', description: 'The server is busy. Try again.' },
  'sign-out': { kind: 'signOut', fields: { csrf: 'csrf-secret', state: 'st4te-secret' } },
  'signed-out': { kind: 'signedOut' },
  'device-code': { kind: 'deviceCode' },
  'device-code-unknown': { kind: 'deviceCode', problem: 'unknown', userCode: 'wdjb mjht' },
  'device-code-too-many': { kind: 'deviceCode', problem: 'tooMany' },
  'device-consent': deviceConsent,
  'device-done': { kind: 'deviceDone', isApproved: true },
  'device-denied': { kind: 'deviceDone', isApproved: false },
} as const satisfies Readonly<Record<string, OAuthPage>>;
