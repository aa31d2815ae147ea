import {
  AUTHENTICATOR_OATH_SERVICE,
  AUTHENTICATOR_WEBAUTHN_SERVICE,
  DEVICE_BINDING_SERVICE,
  recoveryCodeSets,
  skipAttribute,
} from '@assent/factors';
import { AUTHENTICATOR_PUSH_SERVICE } from '@assent/push';
import { CliError } from '../command/cli-error.ts';
import { plainText } from '../command/plain-text.ts';
import type { Stored } from '../command/stored.ts';
import type { DeviceRules } from './devices/changes-of-devices.ts';
import { readDeviceKey } from './devices/device-key.ts';
import type { PersonRules } from './people/person.ts';
import type { Format } from './reading/user-file.ts';
import type { BringOptions } from './user-import.ts';

export interface ImportOptions extends BringOptions {
  readonly realm: string;
  readonly format?: Format;
  readonly nameAttribute?: string;
  readonly deviceKey?: string;
}

/** What the realm says of its users and their devices; refuses a realm that has none of its own. */
export const importRules = async (
  { server, store, options, io }: Stored<ImportOptions>,
  realm: string,
): Promise<{ readonly people: PersonRules; readonly devices: DeviceRules }> => {
  const { realms, services } = await store.configuration.load();
  const settings = realms.find((it) => it.realm === realm);
  if (settings === undefined) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(realm)}.`, 'assent realm list');
  }
  const service = (of: string, type: string) => services.find((it) => it.realm === of && it.type === type);
  if (service(realm, server.LDAP_SERVICE) !== undefined) {
    throw new CliError(
      'KEPT_ELSEWHERE',
      `Users of the realm ${realm} are kept in the directory that its service "${server.LDAP_SERVICE}" names.`,
      'import into another realm, or take the service away',
    );
  }
  const named = (type: string, setting: string, usual: string): string => {
    const name = service(realm, type)?.config[setting];
    return (typeof name === 'string' && name !== '' ? name : usual).toLowerCase();
  };
  const { maxDevices } = settings;
  return {
    people: {
      server,
      nameAttribute: options.nameAttribute?.toLowerCase(),
      spellings: new Map(settings.indexedAttributes?.map((name) => [name.toLowerCase(), name])),
      profiles: {
        push: named(AUTHENTICATOR_PUSH_SERVICE, 'pushAttrName', 'pushDeviceProfiles'),
        oath: named(AUTHENTICATOR_OATH_SERVICE, 'oathAttrName', 'oathDeviceProfiles'),
        webauthn: named(AUTHENTICATOR_WEBAUTHN_SERVICE, 'webauthnAttrName', 'webauthnDeviceProfiles'),
        binding: named(DEVICE_BINDING_SERVICE, 'deviceBindingAttrName', 'boundDevices'),
      },
      deviceKey: options.deviceKey === undefined ? undefined : await readDeviceKey(io, options.deviceKey),
      maxDevices,
      seen: new Set(),
      now: io.now(),
    },
    devices: {
      skipAttributes: {
        push: skipAttribute({ service }, realm, 'push'),
        oath: skipAttribute({ service }, realm, 'oath'),
      },
      maxDevices,
      codes: recoveryCodeSets({
        random: server.systemRandom,
        clock: io,
        codePepper: await server.recoveryCodePepper(store),
      }),
    },
  };
};
