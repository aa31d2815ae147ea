import { describe, expect, test } from 'vitest';
import { advanced, core, KEY_SET, overrides, own, read, type Sections } from '../testing/client-documents.ts';

const fieldsOf = (...given: Parameters<typeof read>) => read(...given).findings.map(({ field }) => field);

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
      secrets: [],
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
    expect(read({}, {}, { secretDigest }).client.secrets).toEqual([
      { digest: Buffer.alloc(32, 7), isGenerated: false },
    ]);
    expect(read(core({ clientType: 'Public' }), {}, { secretDigest }).client.secrets).toEqual([]);
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

  test.each(
    [
      ['authorization_code'],
      ['refresh_token'],
      ['client_credentials'],
      ['urn:ietf:params:oauth:grant-type:device_code'],
    ].flatMap(([type = '']) => [true, false].map((isAllowed) => [type, isAllowed] as const)),
  )('a client has the grant type %s only where the realm allows it (%s)', (type, isAllowed) => {
    const others = ['authorization_code', 'refresh_token', 'client_credentials'].filter((it) => it !== type);
    const provider = { advancedOAuth2Config: { grantTypes: isAllowed ? [...others, type] : others } };
    const document = advanced({ grantTypes: own([type]) });
    expect(read(document, provider).client.grantTypes).toEqual(isAllowed ? [type] : []);
    const found = 'advancedOAuth2ClientConfig.grantTypes';
    expect(fieldsOf(document, provider).filter((it) => it === found)).toEqual(isAllowed ? [] : [found]);
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
