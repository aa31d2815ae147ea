import { type Clock, type Identity, SECRET_ATTRIBUTES, SERVER_ATTRIBUTES, shownAttributes } from '@assent/engine';
import {
  AUTHENTICATOR_OATH_SERVICE,
  AUTHENTICATOR_WEBAUTHN_SERVICE,
  DEVICE_BINDING_SERVICE,
  type OathDeviceReader,
} from '@assent/factors';
import { PROFILES_ATTRIBUTE, savedProfiles, universalIdOf } from '@assent/nodes';
import { AUTHENTICATOR_PUSH_SERVICE, type DeviceReader } from '@assent/push';
import { type CounterReader, lockoutText } from '@assent/store';
import { type Attributes, formatOathProfile, formatPushProfile, formatUser, type JsonObject } from '@assent/wire';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { lockoutsOfUser } from './lockouts-of-user.ts';

/** The factors of the user that are locked, each with the end of its lockout. */
const LOCKOUTS = 'assentLockouts';

/** Members of an answer that say what the server knows; a body may repeat them, not change them. */
export const COMPUTED_ATTRIBUTES: ReadonlySet<string> = new Set([
  'realm',
  'uid',
  'universalid',
  'dn',
  'objectClass',
  'createTimestamp',
  'modifyTimestamp',
  LOCKOUTS,
  ...SERVER_ATTRIBUTES,
]);
/** Alias under which issue texts and older clients read the device profiles. */
const PROFILES_ALIAS = 'devicesProfile';

export interface UserRecordsOptions {
  readonly devices: Pick<DeviceReader, 'ofUser'>;
  readonly oathDevices: Pick<OathDeviceReader, 'ofUser'>;
  readonly configuration: Pick<LiveConfiguration, 'realm' | 'service'>;
  readonly throttles: Pick<CounterReader, 'ofUser'>;
  readonly clock: Clock;
}

/** Users as REST shows them. */
export interface UserRecords {
  /** Attributes that the device resources or journeys write, each by their own rules. */
  isKeptApart(realm: string, name: string): boolean;
  /** What is stored with the user, without devices. */
  shown(identity: Identity): JsonObject;
  /** What is stored with the user, the profiles of the user's devices, and the factors that are locked. */
  shownWhole(identity: Identity): Promise<JsonObject>;
  /** Of what was given, only what differs from what is stored; a client may send back all that it has read. */
  differing(identity: Identity, given: Attributes): Promise<Attributes>;
}

export const userRecords = (options: UserRecordsOptions): UserRecords => {
  const serviceText = (realm: string, type: string, name: string, otherwise: string): string => {
    const value = options.configuration.service(realm, type)?.config[name];
    return typeof value === 'string' && value !== '' ? value : otherwise;
  };
  const pushAttribute = (realm: string) =>
    serviceText(realm, AUTHENTICATOR_PUSH_SERVICE, 'pushAttrName', 'pushDeviceProfiles');
  const oathAttribute = (realm: string) =>
    serviceText(realm, AUTHENTICATOR_OATH_SERVICE, 'oathAttrName', 'oathDeviceProfiles');
  /** AM shows the profiles of passkeys and bound devices there, with hashes of codes; here the devices themselves are asked for (WA-24). */
  const keyAttributes = (realm: string): readonly string[] => [
    serviceText(realm, AUTHENTICATOR_WEBAUTHN_SERVICE, 'webauthnAttrName', 'webauthnDeviceProfiles'),
    serviceText(realm, DEVICE_BINDING_SERVICE, 'deviceBindingAttrName', 'boundDevices'),
  ];
  const isKeptApart = (realm: string, name: string): boolean =>
    SECRET_ATTRIBUTES.has(name) ||
    [pushAttribute(realm), oathAttribute(realm), ...keyAttributes(realm), PROFILES_ATTRIBUTE, PROFILES_ALIAS].includes(
      name,
    );

  const shown = (identity: Identity, more: Attributes = {}): JsonObject => {
    const { [PROFILES_ATTRIBUTE]: _profiles, inetUserStatus: _status, ...attributes } = shownAttributes(identity);
    return formatUser({
      username: identity.username,
      realm: identity.realm,
      universalId: universalIdOf(identity),
      active: identity.active,
      rev: identity.rev,
      attributes: { ...attributes, ...more },
    });
  };

  const shownWhole = async (identity: Identity): Promise<JsonObject> => {
    const phones = await options.devices.ofUser(identity.id);
    const generators = await options.oathDevices.ofUser(identity.id);
    const lockouts = (await lockoutsOfUser(identity, { ...options, now: options.clock.now() })).map(lockoutText);
    const profiles = savedProfiles(identity.attributes[PROFILES_ATTRIBUTE]).map((it) => JSON.stringify(it));
    return shown(identity, {
      ...(phones.length > 0 && { [pushAttribute(identity.realm)]: phones.map(formatPushProfile) }),
      ...(generators.length > 0 && { [oathAttribute(identity.realm)]: generators.map(formatOathProfile) }),
      ...(lockouts.length > 0 && { [LOCKOUTS]: lockouts }),
      ...(profiles.length > 0 && { [PROFILES_ATTRIBUTE]: profiles, [PROFILES_ALIAS]: profiles }),
    });
  };

  const differing = async (identity: Identity, given: Attributes): Promise<Attributes> => {
    const now = await shownWhole(identity);
    return Object.fromEntries(
      Object.entries(given).filter(
        ([name, values]) =>
          !COMPUTED_ATTRIBUTES.has(name) &&
          JSON.stringify(values) !== JSON.stringify(Object.hasOwn(now, name) ? now[name] : []),
      ),
    );
  };

  return { isKeptApart, shown, shownWhole, differing };
};
