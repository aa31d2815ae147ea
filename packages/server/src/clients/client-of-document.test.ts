import type { ClientDocument } from '@assent/engine/host';
import { USUAL_USER_CODES } from '@assent/oidc';
import { describe, expect, test } from 'vitest';
import { newRealmSettings } from '../realms/realm-defaults.ts';
import { readClient } from './client-of-document.ts';
import { readProvider } from './provider-of-document.ts';

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const realm = newRealmSettings('/', 'http://localhost:8080/am');
const ISSUER = 'http://localhost:8080/am/oauth2/realms/root';
const HALF = 'A'.repeat(43);
const KEY_SET = JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', x: HALF, y: HALF }] });

const read = (document: Sections, provider: Sections = {}, given: Partial<ClientDocument> = {}) =>
  readClient({ realm: '/', id: 'app', document, ...given }, readProvider(provider, realm, ISSUER));

const core = (attributes: object, given: object = {}): Sections => ({
  coreOAuth2ClientConfig: { ...attributes },
  ...given,
});
const advanced = (attributes: object): Sections => core({}, { advancedOAuth2ClientConfig: attributes });
const signing = (attributes: object): Sections => core({}, { signEncOAuth2ClientConfig: attributes });
const openId = (attributes: object): Sections => core({}, { coreOpenIDClientConfig: attributes });
const overrides = (attributes: object): Sections =>
  core({}, { overrideOAuth2ClientConfig: { providerOverridesEnabled: true, ...attributes } });
const own = (value: unknown) => ({ inherited: false, value });

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

describe('a client as it counts (spec: oidc §3.2)', () => {
  test('one that says nothing is confidential, active and may do little', () => {
    expect(read({}).client).toEqual({
      realm: '/',
      id: 'app',
      isActive: true,
      isPublic: false,
      authMethod: 'client_secret_basic',
      name: {},
      description: {},
      redirectUris: [],
      anyLoopbackPort: false,
      postLogoutRedirectUris: [],
      origins: [],
      scopes: [],
      defaultScopes: [],
      grantTypes: ['authorization_code'],
      responseTypes: ['code'],
      lifetimes: { code: 120_000, access: 3_600_000, refresh: 604_800_000, idToken: 3_600_000 },
      refreshGrace: 30_000,
      issuesRefreshTokens: true,
      rotatesRefreshTokens: true,
      jwtAccessTokens: false,
      idTokenAlgorithm: 'RS256',
      requiresPkce: false,
      requiresPar: false,
      requiresDpop: false,
      asksConsent: true,
      defaultAcrValues: [],
    });
  });

  test('a kind that is neither word of AM is the stricter one, and a status that is not Active is none', () => {
    for (const clientType of ['public', 'PUBLIC', '', 5])
      expect(read(core({ clientType })).client.isPublic).toBe(false);
    for (const status of ['active', 'Inactive', '', null]) expect(read(core({ status })).client.isActive).toBe(false);
  });

  test('the digest of its secret is read for a confidential client, and never for a public one', () => {
    const secretDigest = Buffer.alloc(32, 7).toString('base64url');
    expect(read({}, {}, { secretDigest }).client.secretDigest).toEqual(Buffer.alloc(32, 7));
    expect(read(core({ clientType: 'Public' }), {}, { secretDigest }).client).not.toHaveProperty('secretDigest');
  });

  test('a public client needs PKCE and rotates, whatever an import says, unless its tokens are bound to a key', () => {
    const document = (customProperties: readonly string[]) => ({
      coreOAuth2ClientConfig: { clientType: 'Public' },
      advancedOAuth2ClientConfig: { customProperties, tokenEndpointAuthMethod: 'client_secret_post' },
      overrideOAuth2ClientConfig: { providerOverridesEnabled: true, issueRefreshTokenOnRefreshedToken: false },
    });
    expect(read(document([])).client).toMatchObject({
      requiresPkce: true,
      rotatesRefreshTokens: true,
      requiresDpop: false,
      authMethod: 'none',
    });
    expect(read(document(['assent.dpop=required'])).client).toMatchObject({
      rotatesRefreshTokens: false,
      requiresDpop: true,
    });
  });

  test('scopes have the texts of the client, else those of the provider, in each language', () => {
    const provider = { advancedOAuth2Config: { supportedScopes: ['mail|Your mail', 'work|Your work'] } };
    const scopes = ['openid', 'mail', 'work|Work', 'work|de|Arbeit', 'work|pt_BR|Trabalho|sim', 'a|b|c d'];
    expect(read(core({ scopes }), provider).client.scopes).toEqual([
      { name: 'openid' },
      { name: 'mail', text: { '': 'Your mail' } },
      { name: 'work', text: { '': 'Work', de: 'Arbeit', 'pt-BR': 'Trabalho|sim' } },
      { name: 'a', text: { '': 'b|c d' } },
    ]);
  });

  test('nobody is granted a scope by default that may not be asked for', () => {
    const provider = { advancedOAuth2Config: { defaultScopes: ['openid', 'all'] } };
    expect(read(core({ scopes: ['openid', 'mail'] }), provider).client.defaultScopes).toEqual(['openid']);
    const ofItsOwn = core({ scopes: ['openid', 'mail'], defaultScopes: ['mail', 'all'] });
    expect(read(ofItsOwn, provider).client.defaultScopes).toEqual(['mail']);
  });

  test.each([
    [{ refreshTokenLifetime: -1 }, { refresh: 365 * 86_400_000 }],
    [{ refreshTokenLifetime: 999_999_999 }, { refresh: 365 * 86_400_000 }],
    [
      { refreshTokenLifetime: 60, accessTokenLifetime: 30 },
      { refresh: 60_000, access: 30_000 },
    ],
    [{ accessTokenLifetime: -5 }, { access: 1_200_000 }],
    [{}, { code: 60_000, access: 1_200_000, refresh: 365 * 86_400_000 }],
  ])('lifetimes %j are those, and the provider’s where they are 0', (attributes, lifetimes) => {
    const coreOAuth2Config = { codeLifetime: 60, accessTokenLifetime: 1_200, refreshTokenLifetime: -1 };
    expect(read(core(attributes), { coreOAuth2Config }).client.lifetimes).toMatchObject(lifetimes);
  });

  test('consent is skipped only where both client and provider say so', () => {
    const implied = advanced({ isConsentImplied: true });
    const asks = (document: Sections, clientsCanSkipConsent: boolean) =>
      read(document, { consent: { clientsCanSkipConsent } }).client.asksConsent;
    expect([asks(implied, true), asks(implied, false), asks({}, true)]).toEqual([false, true, true]);
    const overriding = { ...implied, ...overrides({ clientsCanSkipConsent: false }), ...implied };
    expect(asks(overriding, true)).toBe(true);
  });

  test('its own settings of this server stand in the properties that AM lets anybody add', () => {
    const provider = { advancedOIDCConfig: { loaMapping: { push: 'PushLogin' } } };
    const document = advanced({ customProperties: own(['x=y', 'assent.requiredAcr=push']) });
    expect(read(document, provider).client.requiredAcr).toBe('push');
    expect(fieldsOf(document, provider)).not.toContain('advancedOAuth2ClientConfig.customProperties');
  });

  test('all other settings are read from where AM has them, in either form', () => {
    const { client } = read({
      coreOAuth2ClientConfig: {
        clientName: own(['old name', 'de|Anwendung']),
        loopbackInterfaceRedirection: own(true),
        redirectionUris: own(['http://localhost/cb', 'app://cb']),
      },
      advancedOAuth2ClientConfig: {
        name: ['App'],
        descriptions: own(['What it does']),
        logoUri: own(['https://app.example.com/a.png']),
        policyUri: ['en|https://app.example.com/policy'],
        tosURI: ['https://app.example.com/terms'],
        responseTypes: ['token id_token', 'code'],
        grantTypes: ['authorization_code', 'refresh_token'],
        tokenEndpointAuthMethod: own('private_key_jwt'),
        require_pushed_authorization_requests: own(true),
        refreshTokenGracePeriod: own(60),
      },
      coreOpenIDClientConfig: {
        defaultMaxAgeEnabled: own(true),
        defaultMaxAge: own(600),
        postLogoutRedirectUri: own(['https://app.example.com/bye']),
        backchannel_logout_uri: own('https://app.example.com/out'),
        backchannel_logout_session_required: own(true),
      },
      signEncOAuth2ClientConfig: {
        idTokenSignedResponseAlg: own('ES256'),
        publicKeyLocation: own('jwks'),
        jwkSet: own(KEY_SET),
      },
    });
    expect(client).toMatchObject({
      name: { '': 'App', de: 'Anwendung' },
      description: { '': 'What it does' },
      logoUri: 'https://app.example.com/a.png',
      policyUri: 'https://app.example.com/policy',
      termsUri: 'https://app.example.com/terms',
      redirectUris: ['http://localhost/cb', 'app://cb'],
      anyLoopbackPort: true,
      postLogoutRedirectUris: ['https://app.example.com/bye'],
      responseTypes: ['id_token token', 'code'],
      grantTypes: ['authorization_code', 'refresh_token'],
      authMethod: 'private_key_jwt',
      requiresPar: true,
      refreshGrace: 60_000,
      defaultMaxAge: 600,
      backchannelLogoutUri: 'https://app.example.com/out',
      idTokenAlgorithm: 'ES256',
      keys: { set: KEY_SET },
    });
  });
});

describe('the provider of a realm (spec: oidc §3.3)', () => {
  const provider = (document: Sections) => readProvider(document, realm, ISSUER);

  test('a realm that says nothing has one that gives no token without a code or a secret', () => {
    const { settings, findings } = provider({});
    expect(findings).toEqual([]);
    expect(settings).toMatchObject({
      realm: '/',
      issuer: ISSUER,
      isDiscoverable: true,
      grantTypes: [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
      takesClaimsParameter: true,
      subject: 'id',
      accessTokenProfile: 'rfc9068',
      parLifetime: 90_000,
      device: { lifetime: 300_000, interval: 5, userCode: USUAL_USER_CODES },
    });
  });

  test.each([
    [
      'a shared secret to sign with',
      { advancedOAuth2Config: { tokenSigningAlgorithm: 'HS256' } },
      'advancedOAuth2Config.tokenSigningAlgorithm',
    ],
    [
      'too few signs for the codes of devices',
      { deviceCodeConfig: { deviceUserCodeCharacterSet: '0123456789abc'.slice(0, 9) } },
      'deviceCodeConfig.deviceUserCodeCharacterSet',
    ],
    [
      'codes of devices that are guessed',
      { deviceCodeConfig: { deviceUserCodeCharacterSet: '0123456789' } },
      'deviceCodeConfig.deviceUserCodeLength',
    ],
    [
      'registration',
      { clientDynamicRegistrationConfig: { allowDynamicRegistration: true } },
      'clientDynamicRegistrationConfig.allowDynamicRegistration',
    ],
    [
      'a script',
      {
        pluginsConfig: {
          accessTokenModificationPluginType: 'SCRIPTED',
          accessTokenModificationScript: 'c234ba0b-58a1-4cfd-9567-09edde980745',
        },
      },
      'pluginsConfig.accessTokenModificationScript',
    ],
    [
      'a proof that only nodes give',
      { advancedOIDCConfig: { amrMappings: { Module: 'swk', Other: 'face' } } },
      'advancedOIDCConfig.amrMappings',
    ],
    [
      'a grace of an hour',
      { advancedOAuth2Config: { refreshTokenGracePeriod: 3_600 } },
      'advancedOAuth2Config.refreshTokenGracePeriod',
    ],
    [
      'codes of two letters',
      { deviceCodeConfig: { deviceUserCodeLength: 2 } },
      'deviceCodeConfig.deviceUserCodeLength',
    ],
  ])('%s is found', (_, document, field) => {
    expect(provider(document).findings.map((it) => it.field)).toEqual([field]);
  });

  test('grants that are none here are left out, mappings are read, and a mapping of a proof is not', () => {
    const { settings } = provider({
      advancedOAuth2Config: { grantTypes: ['password', 'implicit', 'authorization_code'] },
      advancedOIDCConfig: {
        loaMapping: { push: 'PushLogin' },
        defaultACR: ['push', 'x'],
        amrMappings: { Module: 'swk', Other: 'face' },
      },
      coreOIDCConfig: { supportedClaims: ['name|Your name', 'mail'] },
    });
    expect(settings).toMatchObject({
      grantTypes: ['authorization_code'],
      defaultAcr: 'push',
      claims: ['name', 'mail'],
    });
    expect([...settings.treeOfAcr]).toEqual([['push', 'PushLogin']]);
    expect([...settings.amrMappings]).toEqual([['Other', 'face']]);
  });

  test.each([
    [{}, USUAL_USER_CODES],
    // As AM has them: small letters are as good as capital ones here, and some of both would be taken for each other.
    [
      { deviceUserCodeCharacterSet: '234567ACDEFGHJKLMNPQRSTWXYZabcdefhijkmnopqrstwxyz', deviceUserCodeLength: 9 },
      { ...USUAL_USER_CODES, length: 9 },
    ],
    [{ deviceUserCodeCharacterSet: 'abcdefABCDEFghijk-LMNOPQRSTUVÄ' }, { length: 8, signs: 'ABCDEFGHIJKLMNOPQRSTUV' }],
    [{ deviceUserCodeCharacterSet: '0123456789' }, { length: 11, signs: '0123456789' }],
    [
      { deviceUserCodeCharacterSet: '0123456789', deviceUserCodeLength: 12 },
      { length: 12, signs: '0123456789' },
    ],
    [{ deviceUserCodeCharacterSet: 'AAAAaaaa' }, USUAL_USER_CODES],
  ])(
    'the codes of devices for %j are of the signs that it says, as long as they have to be',
    (deviceCodeConfig, form) => {
      expect(provider({ deviceCodeConfig }).settings.device.userCode).toEqual(form);
    },
  );
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
    const { findings, clientDefaults } = readProvider(
      { ...document, coreOIDCConfig: { jwtTokenLifetime: LONGER } },
      realm,
      ISSUER,
    );
    const fields = findings.map(({ field }) => field);
    expect(fields).toEqual(
      expect.arrayContaining(['coreOAuth2Config.accessTokenLifetime', 'coreOIDCConfig.jwtTokenLifetime']),
    );
    expect([clientDefaults.accessSeconds, clientDefaults.idTokenSeconds]).toEqual([WEEK, WEEK]);
  });
});
