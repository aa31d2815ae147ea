import { USUAL_USER_CODES } from '@assent/oidc';
import { describe, expect, test } from 'vitest';
import { ISSUER, providerOf } from '../testing/client-documents.ts';

describe('the provider of a realm (spec: oidc §3.3)', () => {
  test('a realm that says nothing has one that gives no token without a code or a secret', () => {
    const { settings, findings } = providerOf({});
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
    expect(providerOf(document).findings.map((it) => it.field)).toEqual([field]);
  });

  test('grants that are none here are left out, mappings are read, and a mapping of a proof is not', () => {
    const { settings } = providerOf({
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
      expect(providerOf({ deviceCodeConfig }).settings.device.userCode).toEqual(form);
    },
  );
});
