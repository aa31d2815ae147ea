import { secretSettings, settingsWithSecret } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { authenticatorPushService, pushNotificationService, pushSkipAttribute } from './push-service.ts';

const complete = {
  accessKey: 'AKIAEXAMPLE',
  secret: 'secret',
  appleEndpoint: 'arn:aws:sns:us-east-1:123456789012:app/APNS/phone',
  googleEndpoint: 'arn:aws:sns:us-east-1:123456789012:app/GCM/phone',
};

test.each([
  ['pushNotification', pushNotificationService, ['secret']],
  [
    'authenticatorPushService',
    authenticatorPushService,
    [
      'authenticatorPushDeviceSettingsEncryptionKeystorePassword',
      'authenticatorPushDeviceSettingsEncryptionKeystorePrivateKeyPassword',
    ],
  ],
])('the secrets of %s are known, and go with settings beside them', (_name, schema, names) => {
  const definition = { config: schema as unknown as z.ZodObject };
  expect([...secretSettings(definition)]).toEqual(names);
  for (const name of names) {
    const beside = settingsWithSecret(definition, name);
    expect(beside.length).toBeGreaterThan(0);
    expect(Object.keys(definition.config.shape)).toEqual(expect.arrayContaining([...beside]));
  }
});

describe('the Push Notification service', () => {
  test('has the documented defaults (push-protocol §7)', () => {
    expect(pushNotificationService.parse(complete)).toEqual({
      ...complete,
      region: 'us-east-1',
      delegateFactory: 'org.forgerock.openam.services.push.sns.SnsHttpDelegateFactory',
      mdDuration: 120,
      mdConcurrency: 16,
      mdCacheSize: 10_000,
    });
  });

  test.each([
    ['without Amazon settings', {}, ['accessKey', 'appleEndpoint', 'googleEndpoint']],
    ['with an unknown delegate', { ...complete, delegateFactory: 'org.example.Pigeon' }, ['delegateFactory']],
    ['with a concurrency of 17', { ...complete, mdConcurrency: 17 }, ['mdConcurrency']],
    ['with a negative duration', { ...complete, mdDuration: -1 }, ['mdDuration']],
    ['with a region that is a host', { ...complete, region: 'evil.example/' }, ['region']],
  ])('is refused %s, by name', (_what, config, names) => {
    const result = pushNotificationService.safeParse(config);
    expect(result.error?.issues.map(({ path }) => path.join('.'))).toEqual(names);
  });

  test('can be shown as a form', () => {
    for (const service of [pushNotificationService, authenticatorPushService]) {
      expect(z.toJSONSchema(service, { io: 'input', target: 'draft-7' })).toHaveProperty('properties');
    }
  });
});

test('the Authenticator (Push) service names the attributes that hold devices and the skip setting', () => {
  expect(authenticatorPushService.parse({})).toMatchObject({
    pushAttrName: 'pushDeviceProfiles',
    authenticatorPushSkippableName: 'push2faEnabled',
    authenticatorPushDeviceSettingsEncryptionScheme: 'NONE',
  });
  const services = (config?: Record<string, unknown>) => ({
    service: (realm: string, type: string) => config && { realm, type, config },
  });
  expect(pushSkipAttribute(services(), '/')).toBe('push2faEnabled');
  expect(pushSkipAttribute(services({ authenticatorPushSkippableName: 'mySkip' }), '/')).toBe('mySkip');
});
