import { describe, expect, test } from 'vitest';
import {
  advanced,
  core,
  openId,
  overrides,
  own,
  providerOf,
  read,
  type Sections,
  signing,
} from '../testing/client-documents.ts';

const fieldsOf = (...given: Parameters<typeof read>) => read(...given).findings.map(({ field }) => field);
const problemsOf = (...given: Parameters<typeof read>) =>
  read(...given)
    .findings.map(({ problem }) => problem)
    .join('\n');

describe('what an import brings that does not work here is found by its name (spec: oidc §3.2, §9)', () => {
  test.each([
    [
      'a secret that stayed behind',
      core({ clientType: 'Confidential' }),
      'coreOAuth2ClientConfig.userpassword',
      'did not come along',
    ],
    ['the implicit grant', advanced({ grantTypes: ['implicit'] }), 'advancedOAuth2ClientConfig.grantTypes', 'implicit'],
    [
      'the password grant',
      advanced({ grantTypes: own(['password']) }),
      'advancedOAuth2ClientConfig.grantTypes',
      'password',
    ],
    [
      'an exchange of tokens',
      advanced({ grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'] }),
      'advancedOAuth2ClientConfig.grantTypes',
      'token-exchange',
    ],
    [
      'a grant that nobody knows',
      advanced({ grantTypes: ['magic'] }),
      'advancedOAuth2ClientConfig.grantTypes',
      'not known',
    ],
    [
      'tokens in an address',
      advanced({ responseTypes: ['token', 'id_token token'] }),
      'advancedOAuth2ClientConfig.responseTypes',
      'without code',
    ],
    [
      'ID tokens under a shared secret',
      signing({ idTokenSignedResponseAlg: 'HS256' }),
      'signEncOAuth2ClientConfig.idTokenSignedResponseAlg',
      'HS256',
    ],
    [
      'encrypted ID tokens',
      signing({ idTokenEncryptionEnabled: own(true) }),
      'signEncOAuth2ClientConfig.idTokenEncryptionEnabled',
      'not encrypted',
    ],
    [
      'signed userinfo',
      signing({ userinfoResponseFormat: 'SIGNED_JWT' }),
      'signEncOAuth2ClientConfig.userinfoResponseFormat',
      'JSON',
    ],
    [
      'certificates',
      advanced({ tokenEndpointAuthMethod: 'tls_client_auth' }),
      'advancedOAuth2ClientConfig.tokenEndpointAuthMethod',
      'tls_client_auth',
    ],
    [
      'keys that are nowhere',
      advanced({ tokenEndpointAuthMethod: 'private_key_jwt' }),
      'signEncOAuth2ClientConfig.publicKeyLocation',
      'no keys',
    ],
    [
      'keys at an address that is not called',
      {
        ...advanced({ tokenEndpointAuthMethod: 'private_key_jwt' }),
        ...{ signEncOAuth2ClientConfig: { publicKeyLocation: 'jwks_uri', jwksUri: 'http://app.example.com/jwks' } },
      },
      'signEncOAuth2ClientConfig.jwksUri',
      'not called',
    ],
    [
      'keys that are none',
      signing({ publicKeyLocation: 'jwks', jwkSet: '{' }),
      'signEncOAuth2ClientConfig.jwkSet',
      'no JSON Web Key Set',
    ],
    [
      'keys that are secret',
      signing({ publicKeyLocation: 'jwks', jwkSet: '{"keys":[{"kty":"oct","k":"AAAA"}]}' }),
      'signEncOAuth2ClientConfig.jwkSet',
      'no public key',
    ],
    [
      'a name for each client',
      advanced({ subjectType: 'Pairwise' }),
      'advancedOAuth2ClientConfig.subjectType',
      'pairwise',
    ],
    [
      'requests from an address',
      advanced({ requestUris: ['https://app.example.com/r'] }),
      'advancedOAuth2ClientConfig.requestUris',
      'not fetched',
    ],
    ['names of claims', openId({ claims: ['email|en|Your mail'] }), 'coreOpenIDClientConfig.claims', 'by scope'],
    ['a group', core({ agentgroup: 'apps' }), 'coreOAuth2ClientConfig.agentgroup', 'group'],
    [
      'a class that no journey meets',
      openId({ defaultAcrValues: ['gold'] }),
      'coreOpenIDClientConfig.defaultAcrValues',
      'gold',
    ],
    [
      'a class that is demanded and no journey meets',
      advanced({ customProperties: ['assent.requiredAcr=gold'] }),
      'advancedOAuth2ClientConfig.customProperties',
      'nobody can sign in',
    ],
    [
      'a property that is misspelt',
      advanced({ customProperties: ['assent.requireAcr=push'] }),
      'advancedOAuth2ClientConfig.customProperties',
      'assent.requireAcr',
    ],
    [
      'a script',
      overrides({ oidcClaimsPluginType: 'SCRIPTED', oidcClaimsScript: 'c234ba0b-58a1-4cfd-9567-09edde980745' }),
      'overrideOAuth2ClientConfig.oidcClaimsScript',
      'does not run',
    ],
    [
      'a class of Java',
      overrides({ validateScopePluginType: 'JAVA', validateScopeClass: 'com.example.Scopes' }),
      'overrideOAuth2ClientConfig.validateScopeClass',
      'does not run',
    ],
    [
      'consent somewhere else',
      overrides({ enableRemoteConsent: true }),
      'overrideOAuth2ClientConfig.enableRemoteConsent',
      'our own page',
    ],
    ['a value of the wrong kind', core({ scopes: 5 }), 'coreOAuth2ClientConfig.scopes', 'no list'],
    [
      'a list of other things than texts',
      core({ redirectionUris: own([1]) }),
      'coreOAuth2ClientConfig.redirectionUris',
      'no list',
    ],
    [
      'a foreign redirect',
      core({ redirectionUris: ['http://app.example.com/cb'] }),
      'coreOAuth2ClientConfig.redirectionUris',
      'https://',
    ],
    [
      'a pattern to sign out to',
      openId({ postLogoutRedirectUri: own(['https://*.example.com']) }),
      'coreOpenIDClientConfig.postLogoutRedirectUri',
      '*',
    ],
    ['no origin', advanced({ javascriptOrigins: ['*'] }), 'advancedOAuth2ClientConfig.javascriptOrigins', 'no origin'],
    [
      'a picture in clear',
      advanced({ logoUri: ['http://app.example.com/a.png'] }),
      'advancedOAuth2ClientConfig.logoUri',
      'not shown',
    ],
    [
      'a logout in clear',
      openId({ backchannel_logout_uri: 'http://app.example.com/out' }),
      'coreOpenIDClientConfig.backchannel_logout_uri',
      'not called',
    ],
    [
      'a code for a day',
      core({ authorizationCodeLifetime: 86_400 }),
      'coreOAuth2ClientConfig.authorizationCodeLifetime',
      '600',
    ],
  ])('%s', (_, document, field, problem) => {
    const { findings } = read(document);
    expect(findings).toContainEqual({ field, problem: expect.stringContaining(problem) });
  });

  test('what is found is not used, and all the rest of the client is', () => {
    const { client } = read({
      coreOAuth2ClientConfig: {
        clientType: own('Public'),
        scopes: own(['openid', 'profile']),
        redirectionUris: own(['javascript:alert(1)', 'https://app.example.com/cb', 'https://*.example.com/cb']),
        authorizationCodeLifetime: own(86_400),
      },
      advancedOAuth2ClientConfig: {
        javascriptOrigins: ['*', 'https://app.example.com:443', 'https://app.example.com'],
      },
      signEncOAuth2ClientConfig: { idTokenSignedResponseAlg: 'HS256' },
    });
    expect(client).toMatchObject({
      redirectUris: ['https://app.example.com/cb'],
      origins: ['https://app.example.com'],
      idTokenAlgorithm: 'RS256',
      lifetimes: { code: 600_000 },
      scopes: [{ name: 'openid' }, { name: 'profile' }],
    });
  });

  test('a public client without anything of that, as AM exports it, is found nothing of', () => {
    const document = {
      coreOAuth2ClientConfig: { clientType: own('Public'), redirectionUris: own(['https://app.example.com/cb']) },
      advancedOAuth2ClientConfig: { responseTypes: own(['code', 'token', 'id_token']), subjectType: own('Public') },
      overrideOAuth2ClientConfig: {
        providerOverridesEnabled: true,
        accessTokenModificationPluginType: 'SCRIPTED',
        accessTokenModificationScript: '39c08084-1238-43e8-857f-2e11005eac49',
        evaluateScopePluginType: 'PROVIDER',
        evaluateScopeClass: 'org.forgerock.oauth2.core.plugins.registry.DefaultScopeEvaluator',
      },
    };
    expect(read(document).findings).toEqual([]);
  });

  test('what AM would override by a section that is switched off is not looked at', () => {
    const off = { providerOverridesEnabled: false, enableRemoteConsent: true, issueRefreshToken: false };
    const { client } = read(core({ clientType: 'Public' }, { overrideOAuth2ClientConfig: off }));
    expect(client.issuesRefreshTokens).toBe(true);
    expect(fieldsOf(core({ clientType: 'Public' }, { overrideOAuth2ClientConfig: off }))).toEqual([]);
  });

  test('each address that is not used is named with what is wrong with it', () => {
    const uris = ['https://app.example.com/#a', 'http://app.example.com'];
    expect(problemsOf(core({ clientType: 'Public', redirectionUris: uris }))).toBe(
      [
        'has https://app.example.com/#a, which must not have a fragment; it is not used',
        'has http://app.example.com, which must begin with https://; http is for this machine alone, such as http://localhost:3000/callback; it is not used',
      ].join('\n'),
    );
  });
});

describe('a JWT is good for no longer than its key is shown, and that is said', () => {
  const WEEK = 7 * 86_400;
  const LONGER = WEEK + 1;
  const ofProvider = (attributes: object): Sections => ({ coreOAuth2Config: { ...attributes } });

  test.each<[string, Sections, Sections, string]>([
    ['an ID token', openId({ jwtTokenLifetime: LONGER }), {}, 'coreOpenIDClientConfig.jwtTokenLifetime'],
    [
      'an access token, where the client wants JWTs',
      { ...overrides({ statelessTokensEnabled: true }), coreOAuth2ClientConfig: { accessTokenLifetime: LONGER } },
      {},
      'coreOAuth2ClientConfig.accessTokenLifetime',
    ],
    [
      'an access token, where all are JWTs',
      core({ accessTokenLifetime: LONGER }),
      ofProvider({ statelessTokensEnabled: true }),
      'coreOAuth2ClientConfig.accessTokenLifetime',
    ],
    [
      'an access token that lasts as long as those of others, which are none',
      overrides({ statelessTokensEnabled: true }),
      ofProvider({ accessTokenLifetime: LONGER }),
      'coreOAuth2ClientConfig.accessTokenLifetime',
    ],
  ])('%s', (_, document, provider, field) => {
    const { client, findings } = read(document, provider);
    const found = findings.find((it) => it.field === field);
    expect(found?.problem).toContain(`${LONGER}`);
    expect(found?.problem).toContain(`${WEEK} counts`);
    expect([client.lifetimes.access, client.lifetimes.idToken]).toContain(WEEK * 1_000);
  });

  test('an opaque access token may last longer', () => {
    const { client, findings } = read(core({ accessTokenLifetime: LONGER }));
    expect(client.lifetimes.access).toBe(LONGER * 1_000);
    expect(findings.map(({ field }) => field)).not.toContain('coreOAuth2ClientConfig.accessTokenLifetime');
  });

  test('the provider is told so of its own', () => {
    const document = { coreOAuth2Config: { statelessTokensEnabled: true, accessTokenLifetime: LONGER } };
    const { findings, clientDefaults } = providerOf({
      ...document,
      coreOIDCConfig: { jwtTokenLifetime: LONGER },
    });
    const fields = findings.map(({ field }) => field);
    expect(fields).toEqual(
      expect.arrayContaining(['coreOAuth2Config.accessTokenLifetime', 'coreOIDCConfig.jwtTokenLifetime']),
    );
    expect([clientDefaults.accessSeconds, clientDefaults.idTokenSeconds]).toEqual([WEEK, WEEK]);
  });
});
