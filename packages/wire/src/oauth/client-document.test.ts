import { describe, expect, test } from 'vitest';
import { CLIENT_SECTIONS } from './client-attributes.ts';
import {
  clientTemplate,
  formatClient,
  formatClientSchema,
  formatListedClient,
  isClientId,
  parseClient,
} from './client-document.ts';
import { PROVIDER_SECTIONS } from './provider-attributes.ts';
import { formatProvider, parseProvider, providerTemplate } from './provider-document.ts';

const names = (sections: Readonly<Record<string, object>>) => [
  ...new Set(Object.values(sections).flatMap((section) => Object.keys(section))),
];

describe('what is no document of a client (spec: oidc §3.1)', () => {
  test.each([
    ['a list', []],
    ['nothing', undefined],
    ['a text', 'client'],
  ])('%s is refused', (_, body) => {
    expect(parseClient(body)).toEqual({ reason: 'The body must be a JSON object.' });
  });

  test.each([
    ['an unknown attribute', { coreOAuth2ClientConfig: { scopes: [], colour: 'red' } }],
    ['an attribute of another section', { coreOAuth2ClientConfig: { jwksUri: 'x' } }],
    ['an attribute of every object', { coreOAuth2ClientConfig: { constructor: 1 } }],
    ['an attribute in an unknown section', { colours: { red: 1 } }],
    ['an attribute outside of the sections', { scopes: ['openid'] }],
    ['a section that is a list', { coreOAuth2ClientConfig: ['scopes'] }],
  ])('%s is refused with all the names that there are', (_, body) => {
    const parsed = parseClient(body);
    expect(parsed).toMatchObject({ reason: 'Invalid attribute specified.' });
    const { detail } = parsed as unknown as { readonly detail: { readonly validAttributes: readonly string[] } };
    expect([...detail.validAttributes].sort()).toEqual(names(CLIENT_SECTIONS).sort());
  });

  test.each([['', 'a', 'a'.repeat(256), 'ä', ' a', 'a ', '.', '..', 'a\nb']])('%j', (id) => {
    expect(isClientId(id)).toBe(id === 'a');
  });

  test('a secret that is no text, or a book, is refused', () => {
    for (const userpassword of [5, ['x'], { a: 1 }, 'x'.repeat(1_025)]) {
      expect(parseClient({ coreOAuth2ClientConfig: { userpassword } })).toMatchObject({
        reason: expect.stringContaining('userpassword'),
      });
    }
  });
});

describe('a client comes in as its export has it', () => {
  test.each([
    ['bare', 'top secret'],
    ['beside its inheritance', { inherited: false, value: 'top secret' }],
  ])('its secret, %s, is apart from the document and never read back', (_, userpassword) => {
    const parsed = parseClient({ coreOAuth2ClientConfig: { userpassword, status: 'Active' } });
    expect(parsed).toEqual({ document: { coreOAuth2ClientConfig: { status: 'Active' } }, secret: 'top secret' });
  });

  test.each([[null], [''], [{ inherited: false }]])('a secret %j is none', (userpassword) => {
    expect(parseClient({ coreOAuth2ClientConfig: { userpassword } })).toEqual({
      document: { coreOAuth2ClientConfig: {} },
    });
  });

  test('what AM has encrypted for itself, and what tells of the export, is left out; all other values are kept as they are', () => {
    const body = {
      _id: 'app',
      _rev: '1',
      _type: { name: 'x' },
      _provider: null,
      colours: {},
      coreUmaClientConfig: null,
      coreOAuth2ClientConfig: {
        'userpassword-encrypted': 'AAAA',
        scopes: 5,
        redirectionUris: { inherited: true, value: ['javascript:x'] },
        clientName: { inherited: false },
      },
    };
    const { scopes, redirectionUris, clientName } = body.coreOAuth2ClientConfig;
    const kept = { coreOAuth2ClientConfig: { scopes, redirectionUris, clientName } };
    expect(parseClient(body)).toEqual({ document: kept });
    expect(formatClient('app', kept, '7').coreOAuth2ClientConfig).toMatchObject({
      ...kept.coreOAuth2ClientConfig,
      scopes: { inherited: false, value: 5 },
    });
  });

  test('each value says whether it is inherited where one client is read, and none does in a list, however it was written', () => {
    const sectionsOf = (client: object) => Object.values(client).filter((it) => typeof it === 'object');
    const core = { scopes: ['openid'], status: { inherited: false, value: 'Inactive' }, clientName: null };
    const document = { coreOAuth2ClientConfig: core, overrideOAuth2ClientConfig: { issueRefreshToken: false } };
    expect(formatClient('app', document, '1')).toMatchObject({
      coreOAuth2ClientConfig: {
        scopes: { inherited: false, value: ['openid'] },
        status: { inherited: false, value: 'Inactive' },
        clientName: { inherited: false },
      },
      advancedOAuth2ClientConfig: { grantTypes: { inherited: false, value: expect.any(Array) } },
      overrideOAuth2ClientConfig: { issueRefreshToken: false },
    });
    const listed = formatListedClient('app', document, '1');
    expect(listed).toMatchObject({
      _id: 'app',
      coreOAuth2ClientConfig: { scopes: ['openid'], status: 'Inactive', clientName: null },
      advancedOAuth2ClientConfig: { grantTypes: expect.any(Array) },
      overrideOAuth2ClientConfig: { issueRefreshToken: false },
    });
    expect(JSON.stringify(sectionsOf(listed))).not.toContain('inherited');
  });

  test('what is read can be written, and is then read the same', () => {
    const first = formatClient('app', { coreOAuth2ClientConfig: { scopes: ['openid'] } }, '1');
    expect(first).toMatchObject({ _id: 'app', _rev: '1', _type: { _id: 'OAuth2Client', collection: true } });
    const { document } = parseClient(first) as { readonly document: Readonly<Record<string, object>> };
    expect(formatClient('app', document as never, '1')).toEqual(first);
  });
});

test('a template and a schema have every attribute, values as AM writes them in each section', () => {
  const template = clientTemplate();
  expect(template.coreOAuth2ClientConfig).toMatchObject({
    status: { inherited: false, value: 'Active' },
    userpassword: null,
  });
  expect(template.signEncOAuth2ClientConfig?.jwkSet).toEqual({ inherited: false });
  expect(template.overrideOAuth2ClientConfig).toMatchObject({ providerOverridesEnabled: false });
  const { properties } = formatClientSchema() as { readonly properties: Readonly<Record<string, object>> };
  for (const [section, attributes] of Object.entries(CLIENT_SECTIONS)) {
    expect(Object.keys(template[section] ?? {})).toEqual(Object.keys(attributes));
    const shown = properties[section] as { readonly properties: object };
    expect(Object.keys(shown.properties)).toEqual(Object.keys(attributes));
  }
});

describe('the provider of a realm (spec: oidc §3.3)', () => {
  test('has our own values where AM would sign with a secret, or hand out a token for ever', () => {
    expect(providerTemplate()).toMatchObject({
      coreOAuth2Config: { statelessTokensEnabled: false, codeLifetime: 120 },
      advancedOAuth2Config: { tokenSigningAlgorithm: 'RS256', refreshTokenGracePeriod: 30 },
      clientDynamicRegistrationConfig: { allowDynamicRegistration: false },
    });
  });

  test('has the settings that were written over those of a realm that has written none', () => {
    const written = {
      coreOAuth2Config: { codeLifetime: 60 },
      advancedOIDCConfig: { loaMapping: { push: 'PushLogin' } },
    };
    const record = formatProvider(written, '3', '');
    expect(record).toMatchObject({
      _id: '',
      _rev: '3',
      coreOAuth2Config: { codeLifetime: 60, accessTokenLifetime: 3_600 },
      advancedOIDCConfig: { loaMapping: { push: 'PushLogin' }, claimsParameterSupported: true },
    });
    expect(formatProvider(parseProvider(record) as never, '3', '')).toEqual(record);
  });

  test('an unknown name is refused with all that there are', () => {
    const parsed = parseProvider({ coreOAuth2Config: { colour: 1 } }) as { readonly detail: object };
    expect(parsed).toMatchObject({ reason: 'Invalid attribute specified.' });
    expect(Object.values(parsed.detail)[0]).toHaveLength(names(PROVIDER_SECTIONS).length);
  });
});
