import type { Configuration } from '@assent/engine';
import { profileEncryption, pushSkipAttribute } from '@assent/push';
import { z } from 'zod';
import type { SkipType } from './skip-settings.ts';

export const AUTHENTICATOR_OATH_SERVICE = 'authenticatorOathService';
/** Its `webauthnAttrName` says in which attribute AM keeps passkeys; here it is kept as it came. */
export const AUTHENTICATOR_WEBAUTHN_SERVICE = 'authenticatorWebAuthnService';
/** Its `deviceBindingAttrName` says in which attribute AM keeps bound devices; here it is kept as it came. */
export const DEVICE_BINDING_SERVICE = 'deviceBindingService';

/** Settings of the Authenticator (OATH) service. */
export const authenticatorOathService = z.object({
  oathAttrName: z.string().min(1).default('oathDeviceProfiles').meta({ title: 'Profile Storage Attribute' }),
  ...profileEncryption('authenticatorOATHDeviceSettings'),
  authenticatorOATHSkippableName: z.string().min(1).default('oath2faEnabled').meta({
    title: 'ForgeRock Authenticator (OATH) Device Skippable Attribute Name',
  }),
});

/** Settings of the service that says where AM keeps passkeys (spec: webauthn §8.2). */
export const authenticatorWebAuthnService = z.object({
  webauthnAttrName: z.string().min(1).default('webauthnDeviceProfiles').meta({ title: 'Profile Storage Attribute' }),
  ...profileEncryption('authenticatorWebAuthnDeviceSettings'),
});

/** Settings of the service that says where AM keeps bound devices (spec: webauthn §8.2). */
export const deviceBindingService = z.object({
  deviceBindingAttrName: z.string().min(1).default('boundDevices').meta({ title: 'Profile Storage Attribute' }),
  ...profileEncryption('deviceBindingSettings'),
});

/** The user attribute that holds a factor's skip setting in that realm. */
export function skipAttribute(configuration: Pick<Configuration, 'service'>, realm: string, method: SkipType): string {
  if (method === 'push') return pushSkipAttribute(configuration, realm);
  // AM has no setting that names this one.
  if (method === 'webauthn') return 'webauthn2faEnabled';
  const name = 'authenticatorOATHSkippableName';
  const config = configuration.service(realm, AUTHENTICATOR_OATH_SERVICE)?.config ?? {};
  const named = authenticatorOathService.shape[name].safeParse(config[name]);
  return named.success ? named.data : 'oath2faEnabled';
}
