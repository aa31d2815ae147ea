import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  authenticatorOathService,
  authenticatorWebAuthnService,
  deviceBindingService,
  skipAttribute,
} from './device-services.ts';

test.each([
  ['Authenticator (OATH)', authenticatorOathService],
  ['Authenticator (WebAuthn)', authenticatorWebAuthnService],
  ['Device Binding', deviceBindingService],
])('the %s service can be shown as a form', (_name, service) => {
  expect(z.toJSONSchema(service, { io: 'input', target: 'draft-7' })).toHaveProperty('properties');
});

test('the Authenticator (OATH) service names the attributes that hold generators and the skip setting', () => {
  expect(authenticatorOathService.parse({})).toMatchObject({
    oathAttrName: 'oathDeviceProfiles',
    authenticatorOATHSkippableName: 'oath2faEnabled',
  });
});

test('each factor has a skip attribute, which the service of push and that of generators can name', () => {
  const configuration = {
    service: (realm: string, type: string) => ({
      realm,
      type,
      config: { authenticatorPushSkippableName: 'myPushSkip', authenticatorOATHSkippableName: 'myOathSkip' },
    }),
  };
  const usual = { service: () => undefined };
  const named = (of: typeof configuration | typeof usual) =>
    (['push', 'oath', 'webauthn'] as const).map((method) => skipAttribute(of, '/', method));
  expect(named(usual)).toEqual(['push2faEnabled', 'oath2faEnabled', 'webauthn2faEnabled']);
  expect(named(configuration)).toEqual(['myPushSkip', 'myOathSkip', 'webauthn2faEnabled']);
});
