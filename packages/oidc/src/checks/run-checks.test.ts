import { heldKeys } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import type { OAuthClient } from '../model/clients.ts';
import type { ParkedRequest } from '../model/parked-requests.ts';
import type { ProviderSettings } from '../model/provider.ts';
import type { Parameters } from '../protocol/request.ts';
import { testClient, testSettings } from '../testing/index.ts';
import { RequestMarks } from '../tokens/request-marks.ts';
import { unchecked } from './checked-request.ts';
import { parkedIdHashOf, REQUEST_URI_PREFIX } from './pushed-request.ts';
import { runChecks } from './run-checks.ts';

const NOW = 1_764_000_000_000;
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const usual: Parameters = {
  client_id: 'app',
  redirect_uri: 'https://app.example/cb',
  response_type: 'code',
  scope: 'openid',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
};

interface Given {
  readonly client?: Partial<OAuthClient>;
  readonly settings?: Partial<ProviderSettings>;
  readonly parked?: readonly ParkedRequest[];
  readonly column?: 'authorize' | 'par' | 'device';
}

const marks = new RequestMarks(heldKeys(new Uint8Array(32).fill(1)));
const checked = (parameters: Parameters, { client, settings, parked = [], column = 'authorize' }: Given = {}) =>
  runChecks(column, unchecked(testClient(client), parameters), {
    ports: {
      clock: { now: () => NOW },
      parkedRequests: { get: async (idHash) => parked.find((it) => it.idHash === idHash) },
    },
    provider: testSettings(settings),
    marks,
    keys: { byKid: async () => undefined },
  });
const without = (name: string): Parameters => ({ ...usual, [name]: undefined });

test.each<[string, Parameters, string, Given?]>([
  ['a foreign redirect URI', { ...usual, redirect_uri: 'https://app.example/cb/' }, 'redirect_uri_mismatch'],
  [
    'none, and several registered',
    without('redirect_uri'),
    'redirect_uri_mismatch',
    { client: { redirectUris: ['https://a.example/', 'https://b.example/'] } },
  ],
  ['no response_type', without('response_type'), 'invalid_request'],
  ['a token through the browser', { ...usual, response_type: 'token' }, 'unsupported_response_type'],
  ['hybrid', { ...usual, response_type: 'code id_token' }, 'unsupported_response_type'],
  ['an id_token that is not silent', { ...usual, response_type: 'id_token', nonce: 'n' }, 'unsupported_response_type'],
  [
    "a type that is not the client's",
    { ...usual, response_type: 'id_token', nonce: 'n', prompt: 'none' },
    'unsupported_response_type',
    { client: { responseTypes: ['code'] } },
  ],
  [
    'a code for a client without that grant',
    usual,
    'unauthorized_client',
    { client: { grantTypes: ['client_credentials'] } },
  ],
  ['an unknown response_mode', { ...usual, response_mode: 'web_message' }, 'invalid_request'],
  [
    'an id_token in a query',
    { ...usual, response_type: 'id_token', response_mode: 'query', nonce: 'n', prompt: 'none' },
    'invalid_request',
  ],
  ['a state without end', { ...usual, state: 'x'.repeat(2_049) }, 'invalid_request'],
  ['a nonce without end', { ...usual, nonce: 'x'.repeat(513) }, 'invalid_request'],
  ['an id_token without nonce', { ...usual, response_type: 'id_token', prompt: 'none' }, 'invalid_request'],
  [
    'an id_token without openid',
    { ...usual, response_type: 'id_token', prompt: 'none', nonce: 'n', scope: 'email' },
    'invalid_scope',
  ],
  ['a request object', { ...usual, request: 'e30.e30.' }, 'request_not_supported'],
  ['a registration', { ...usual, registration: '{}' }, 'registration_not_supported'],
  [
    'a public client without PKCE',
    { ...usual, code_challenge: undefined, code_challenge_method: undefined },
    'invalid_request',
  ],
  [
    'a client that must, without PKCE',
    { ...usual, code_challenge: undefined, code_challenge_method: undefined },
    'invalid_request',
    { client: { isPublic: false, requiresPkce: true } },
  ],
  ['plain', { ...usual, code_challenge_method: 'plain' }, 'invalid_request'],
  ['plain by default', without('code_challenge_method'), 'invalid_request'],
  ['a method alone', without('code_challenge'), 'invalid_request', { client: { isPublic: false } }],
  ['a challenge that is too short', { ...usual, code_challenge: 'abc' }, 'invalid_request'],
  ['a challenge of other letters', { ...usual, code_challenge: `${CHALLENGE.slice(0, 42)}+` }, 'invalid_request'],
  ['a thumbprint that is none', { ...usual, dpop_jkt: 'short' }, 'invalid_request'],
  ["a scope that is not the client's", { ...usual, scope: 'openid admin' }, 'invalid_scope'],
  ['an unknown prompt', { ...usual, prompt: 'create' }, 'invalid_request'],
  ['none with another prompt', { ...usual, prompt: 'none login' }, 'invalid_request'],
  ['a negative max_age', { ...usual, max_age: '-1' }, 'invalid_request'],
  ['a max_age of no number', { ...usual, max_age: '1e3' }, 'invalid_request'],
  ['claims that are no JSON', { ...usual, claims: '{' }, 'invalid_request'],
  ['claims that are no object', { ...usual, claims: '[]' }, 'invalid_request'],
  [
    'a claim whose value is no text',
    { ...usual, claims: '{"id_token":{"acr":{"essential":true,"value":5}}}' },
    'invalid_request',
  ],
  ...['id_token', 'userinfo'].flatMap((part) =>
    [{}, { essential: true }, { essential: true, value: 'push' }, { value: 'push' }].map(
      (claim): [string, Parameters, string] => [
        `an empty list of values in ${part} with ${JSON.stringify(claim)} (OIDC-11)`,
        { ...usual, claims: JSON.stringify({ [part]: { acr: { ...claim, values: [] } } }) },
        'invalid_request',
      ],
    ),
  ),
  ['claims of another shape', { ...usual, claims: '{"id_token":{"acr":"push"}}' }, 'invalid_request'],
  [
    'claims nested without end (SEC-94)',
    { ...usual, claims: `{"userinfo":{"x":null},"y":${'['.repeat(2_000)}${']'.repeat(2_000)}}` },
    'invalid_request',
  ],
  [
    'claims without end',
    { ...usual, claims: JSON.stringify({ userinfo: { x: { value: 'x'.repeat(4_096) } } }) },
    'invalid_request',
  ],
  [
    'more classes than anybody has',
    { ...usual, acr_values: Array.from({ length: 21 }, (_, at) => `c${at}`).join(' ') },
    'invalid_request',
  ],
  ['a hint that is none of ours', { ...usual, id_token_hint: 'foreign' }, 'invalid_request'],
  ['a client that must push', usual, 'invalid_request', { client: { requiresPar: true } }],
  ['a realm whose clients must push', usual, 'invalid_request', { settings: { requiresPar: true } }],
  ['a request_uri of elsewhere', { ...usual, request_uri: 'https://evil.example/r' }, 'request_uri_not_supported'],
  ['a request_uri that nobody knows', { ...usual, request_uri: `${REQUEST_URI_PREFIX}x` }, 'request_uri_not_supported'],
  [
    'a request_uri that is pushed',
    { ...usual, request_uri: `${REQUEST_URI_PREFIX}x` },
    'request_uri_not_supported',
    { column: 'par' },
  ],
])('%s is refused', async (_, parameters, code, given) => {
  await expect(checked(parameters, given)).rejects.toMatchObject({ code });
});

test('a usual request is understood', async () => {
  expect(await checked({ ...usual, state: 's', nonce: 'n', max_age: '0', prompt: 'select_account' })).toMatchObject({
    redirectUri: 'https://app.example/cb',
    responseType: 'code',
    responseMode: 'query',
    state: 's',
    nonce: 'n',
    challenge: CHALLENGE,
    scopes: ['openid'],
    maxAge: 0,
    prompts: new Set(['login']),
  });
});

test("what a request leaves open is the client's, and then the provider's, to say", async () => {
  const { scope: _, redirect_uri: __, ...few } = usual;
  expect(await checked(few, { client: { defaultScopes: ['openid', 'email'], defaultMaxAge: 60 } })).toMatchObject({
    redirectUri: 'https://app.example/cb',
    scopes: ['openid', 'email'],
    maxAge: 60,
    acrValues: [],
  });
  const settings = { defaultAcr: 'password' };
  expect((await checked(few, { settings })).acrValues).toEqual(['password']);
  expect((await checked(few, { settings, client: { defaultAcrValues: ['push'] } })).acrValues).toEqual(['push']);
  expect((await checked({ ...few, acr_values: 'a b a' }, { settings })).acrValues).toEqual(['a', 'b']);
});

test('a session check needs no address', async () => {
  const request = { client_id: 'app', response_type: 'none', prompt: 'none' };
  expect(await checked(request, { client: { responseTypes: [] } })).not.toHaveProperty('redirectUri');
});

test('claims are read as far as they are known', async () => {
  const claims = { id_token: { acr: { essential: true, values: ['push'], unknown: 1 }, email: null }, other: {} };
  expect((await checked({ ...usual, claims: JSON.stringify(claims) })).claims).toEqual({
    id_token: { acr: { essential: true, values: ['push'] }, email: null },
  });
  const takesNone = { settings: { takesClaimsParameter: false } };
  expect(await checked({ ...usual, claims: '{' }, takesNone)).not.toHaveProperty('claims');
});

test('single claims go no further than the scopes of the client, or those that its user is shown', async () => {
  const request = { ...usual, claims: JSON.stringify({ userinfo: { email: null, name: null, other: null } }) };
  const asked = async (client: Partial<OAuthClient>) =>
    Object.keys((await checked(request, { client })).claims?.userinfo ?? {});
  const scopes = [{ name: 'openid' }, { name: 'email' }];
  expect(await asked({ scopes })).toEqual(['email', 'other']);
  expect(await asked({ scopes, asksConsent: true })).toEqual(['other']);
});

test('a certain sub is who must be signed in (OpenID Connect Core §5.5.1)', async () => {
  const claims = JSON.stringify({ id_token: { sub: { value: 'user-2' } } });
  expect((await checked({ ...usual, claims })).expectedSubject).toBe('user-2');
});

test('what is for the login page alone never fails a request', async () => {
  const odd = { ...usual, ui_locales: '<b> de-CH en', login_hint: 'x'.repeat(300), display: 'touch', service: '' };
  const request = await checked(odd);
  expect(request).toMatchObject({ locale: 'de-CH', isPopup: false });
  expect(request).not.toHaveProperty('loginHint');
  expect(request).not.toHaveProperty('tree');
});

const parkedAs = (row: Partial<ParkedRequest>): ParkedRequest => ({
  idHash: parkedIdHashOf('secret'),
  realm: '/',
  clientId: 'app',
  request: JSON.stringify(usual),
  createdAt: 0,
  expiresAt: NOW + 1,
  ...row,
});
const pushed = { client_id: 'app', request_uri: `${REQUEST_URI_PREFIX}secret` };

test.each<[string, Partial<ParkedRequest>]>([
  ['of another client', { clientId: 'other' }],
  ['of another realm', { realm: '/alpha' }],
  ['that is over', { expiresAt: NOW }],
])('a pushed request %s is none', async (_, row) => {
  await expect(checked(pushed, { parked: [parkedAs(row)] })).rejects.toMatchObject({
    code: 'request_uri_not_supported',
  });
});

test('a pushed request counts as it was pushed, whatever the address adds (RFC 9126 §4)', async () => {
  const parked = [parkedAs({})];
  const request = await checked(
    { ...pushed, scope: 'openid email', redirect_uri: 'https://evil.example/' },
    { parked },
  );
  expect(request).toMatchObject({
    scopes: ['openid'],
    redirectUri: 'https://app.example/cb',
    parkedIdHash: parkedIdHashOf('secret'),
  });
});

test('an address may ask for a silent answer, and take nothing away from what was pushed', async () => {
  const parked = [parkedAs({})];
  expect((await checked({ ...pushed, prompt: 'none' }, { parked })).prompts).toEqual(new Set(['none']));
  const forced = [parkedAs({ request: JSON.stringify({ ...usual, prompt: 'login' }) })];
  expect((await checked({ ...pushed, prompt: 'none' }, { parked: forced })).prompts).toEqual(new Set(['login']));
});

test('the way back from the login page is known by its mark, for an hour, and for no other request (OIDC-10)', async () => {
  const back = (at: number, request = usual) => checked({ ...request, x_since: marks.since('/', usual, at) });
  expect(await back(NOW - 1_000)).toMatchObject({ since: NOW - 1_000, address: usual });
  expect(await back(NOW - 3_600_000)).not.toHaveProperty('since');
  // Another server may have written it, whose clock is a little ahead.
  expect(await back(NOW + 5_000)).toMatchObject({ since: NOW + 5_000 });
  expect(await back(NOW + 5_001)).not.toHaveProperty('since');
  expect(await back(NOW - 1_000, { ...usual, prompt: 'login' })).not.toHaveProperty('since');
});
