import type { FactorKind } from '@assent/engine';
import {
  type AuthenticatorTrusts,
  authenticatorModel,
  type BoundDevice,
  type BoundDeviceReader,
  type FactorChange,
  type OathDevice,
  type OathDeviceReader,
  type Passkey,
  type PasskeyReader,
} from '@assent/factors';
import type { DeviceChange, DeviceReader, PushDevice } from '@assent/push';
import type { JsonObject } from '@assent/wire';

/** A device as the routes show and change it, whatever its type. */
export interface ManagedDevice {
  readonly uuid: string;
  /** Another name that a client may ask for it by. */
  readonly alsoKnownAs?: string;
  /** The members of a list item: never a secret, a handle, a provider token or a code (push-protocol §9, WA-24). */
  readonly item: JsonObject;
  /** With what our account page is told besides, where it asks by `X-Assent-Page`: AM's item has no such member (design.md §3.2). */
  readonly itemForPage: JsonObject;
  /** Gives it a name, that of now where absent; refused where it has changed since. */
  written(deviceName?: string): { readonly change: DeviceChange | FactorChange; readonly item: JsonObject };
  readonly removal: DeviceChange | FactorChange;
}

export interface ManagedDevicesPorts {
  readonly devices: Pick<DeviceReader, 'ofUser'>;
  readonly oathDevices: Pick<OathDeviceReader, 'ofUser'>;
  readonly passkeys: Pick<PasskeyReader, 'ofUser'>;
  readonly boundDevices: Pick<BoundDeviceReader, 'ofUser'>;
  /** What the realm's metadata says of models, as far as it is at hand. */
  readonly authenticatorTrusts: AuthenticatorTrusts;
}

/** Newest first, by type. */
export type ManagedDevices = Readonly<Record<FactorKind, (userId: string) => Promise<readonly ManagedDevice[]>>>;

export const managedDevices = (ports: ManagedDevicesPorts): ManagedDevices => ({
  push: async (userId) => (await ports.devices.ofUser(userId)).map(phone),
  oath: async (userId) => (await ports.oathDevices.ofUser(userId)).map(generator),
  webauthn: async (userId) => {
    const rows = await ports.passkeys.ofUser(userId);
    const [first] = rows;
    if (first === undefined) return [];
    // A user belongs to one realm.
    const trust = ports.authenticatorTrusts(first.realm);
    return Promise.all(
      rows.map(async (row) => {
        const known = await trust.modelOf(row.aaguid, { waits: false });
        return passkey(row, known?.description ?? authenticatorModel(row.aaguid));
      }),
    );
  },
  binding: async (userId) => (await ports.boundDevices.ofUser(userId)).map(boundDevice),
});

type Row = PushDevice | OathDevice | Passkey | BoundDevice;

/** What the type of a row makes of it. */
interface Kind<R extends Row> {
  /** Members that items of other types lack. */
  readonly more?: JsonObject;
  readonly forPage?: JsonObject;
  readonly alsoKnownAs?: string;
  update(row: R): DeviceChange | FactorChange;
  readonly removal: DeviceChange | FactorChange;
}

const managed = <R extends Row>(row: R, { more, forPage, alsoKnownAs, update, removal }: Kind<R>): ManagedDevice => {
  const itemOf = ({ uuid, rev, createdAt, lastAccessAt, deviceName }: Row): JsonObject => ({
    _id: uuid,
    _rev: String(rev),
    createdDate: createdAt,
    lastAccessDate: lastAccessAt,
    ...more,
    deviceName,
    uuid,
    deviceManagementStatus: true,
  });
  const item = itemOf(row);
  return {
    uuid: row.uuid,
    ...(alsoKnownAs !== undefined && { alsoKnownAs }),
    item,
    itemForPage: { ...item, ...forPage },
    written: (deviceName = row.deviceName) => {
      const named = { ...row, deviceName };
      return { change: update(named), item: itemOf({ ...named, rev: row.rev + 1 }) };
    },
    removal,
  };
};

const phone = (device: PushDevice): ManagedDevice =>
  managed(device, {
    ...(device.channelDeadAt !== undefined && { forPage: { unreachableSince: device.channelDeadAt } }),
    update: (row) => ({ type: 'device.update', row }),
    removal: { type: 'device.delete', uuid: device.uuid },
  });

const generator = (device: OathDevice): ManagedDevice =>
  managed(device, {
    update: (row) => ({ type: 'oath.update', row }),
    removal: { type: 'oath.delete', uuid: device.uuid },
  });

const passkey = (device: Passkey, model: string | undefined): ManagedDevice => {
  const { uuid, credentialId, backedUp, backupEligible, attachment, attestation, rpId, counterMismatchAt } = device;
  return managed(device, {
    more: { credentialId },
    forPage: {
      assent: {
        synced: backedUp,
        deviceBound: backupEligible === false,
        ...(attachment !== undefined && { attachment }),
        // Without it the model is what the authenticator claims (WA-23).
        attested: attestation === 'CA',
        ...(model !== undefined && { model }),
        ...(rpId !== undefined && { rpId }),
        ...(counterMismatchAt !== undefined && { counterMismatchAt }),
      },
    },
    // Android knows no other name for it (spec: webauthn §6).
    alsoKnownAs: credentialId,
    update: (row) => ({ type: 'passkey.update', row }),
    removal: { type: 'passkey.delete', uuid },
  });
};

const boundDevice = (device: BoundDevice): ManagedDevice =>
  managed(device, {
    more: { deviceId: device.deviceId, key: publicMembersOf(device.key) },
    update: (row) => ({ type: 'bound.update', row }),
    removal: { type: 'bound.delete', realm: device.realm, uuid: device.uuid },
  });

/** By name, so that no other member leaves the server, whatever a row should hold (RFC 7518 §6.2.1, §6.3.1). */
const publicMembersOf = (key: BoundDevice['key']): JsonObject => {
  const { kty, kid, use, alg } = key;
  const labels = {
    kty,
    ...(kid !== undefined && { kid }),
    ...(use !== undefined && { use }),
    ...(alg !== undefined && { alg }),
  };
  return key.kty === 'RSA' ? { ...labels, n: key.n, e: key.e } : { ...labels, crv: key.crv, x: key.x, y: key.y };
};
