/** A P-256 public key in JWK form (RFC 7518 §6.2.1). */
export interface EcPublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** What a phone that has yet to prove itself is known by (SEC-05). */
export interface PendingProof {
  /** The only journey that may make a device of it. */
  readonly journeyId: string;
  /** When the row is good for nothing any more. */
  readonly until: number;
}

/** What a phone is called that has given no name. */
export const DEFAULT_DEVICE_NAME = 'Push Device';

/** A registered phone. `secret` is sealed at rest and leaves the server once, in the registration URI. */
export interface PushDevice {
  readonly uuid: string;
  readonly realm: string;
  readonly userId: string;
  readonly username: string;
  readonly deviceName: string;
  readonly issuer: string;
  /** K: 32 bytes. */
  readonly secret: Uint8Array;
  /** The phone's own name for the account; unique within a user, not within a realm. */
  readonly mechanismUid: string;
  readonly deviceId: string;
  readonly deviceType: string;
  readonly communicationType: string;
  /** The address that the transport delivers to. */
  readonly communicationId: string;
  /** Only on our own phone: from then on its answers are ES256 by this key, and nothing else (SEC-10). */
  readonly xKey?: EcPublicJwk;
  readonly createdAt: number;
  readonly lastAccessAt: number;
  /** SHA-256 of the refresh JWTs accepted so far, newest last, 50 at most (push-protocol §5). */
  readonly refreshHashes: readonly string[];
  /** When its provider said that the address is dead; absent where it has not, or the phone has refreshed since (REL-09). */
  readonly channelDeadAt?: number;
  /** Absent on a phone that counts. With it, the phone can answer the request that proves it, and is nobody's factor yet. */
  readonly pending?: PendingProof;
  readonly rev: number;
}

/** Our own phone types the number, an official app taps it (design.md §3 decision 5). */
export const isOwnPhone = ({ xKey, communicationType }: PushDevice): boolean =>
  xKey !== undefined || communicationType === 'relay' || communicationType === 'webpush';

export interface DeviceReader {
  /** Newest first, without those that have yet to prove themselves. */
  ofUser(userId: string): Promise<readonly PushDevice[]>;
  /** How many count towards the user's limit: also those that may still prove themselves. */
  countOfUser(userId: string, now: number): Promise<number>;
  /** Devices of a realm that count, each once in all pages (OPS-24); `next` leads on, also from a page that is short. */
  page(
    realm: string,
    query: { readonly after?: string; readonly limit: number },
  ): Promise<{ readonly devices: readonly PushDevice[]; readonly next?: string }>;
  /** All devices of a realm with that mechanism UID, pending ones too; the key then decides which is meant. */
  byMechanism(realm: string, mechanismUid: string): Promise<readonly PushDevice[]>;
  /** The device, be it confirmed or pending. */
  get(uuid: string): Promise<PushDevice | undefined>;
  /** How many phones of a realm have a dead address; it counts up to `limit`, since it reads one entry of an index for each. */
  countUnreachable(realm: string, limit: number): Promise<number>;
}

export type DeviceChange =
  /** Fails when the user has `maxDevices` phones already, with those that may still prove themselves when `row` is made. */
  | { readonly type: 'device.insert'; readonly row: PushDevice; readonly maxDevices: number }
  /** Fails unless the stored rev is `row.rev`; the stored rev is one more. */
  | { readonly type: 'device.update'; readonly row: PushDevice }
  /** Removes the device, voids its messages that no journey has consumed, and with the last one that counts the codes; fails where it is gone already. */
  | { readonly type: 'device.delete'; readonly uuid: string }
  | { readonly type: 'device.deleteAll'; readonly userId: string }
  /** The phone has proven itself and counts from now on. Fails unless it is pending, in time, and of that journey. */
  | { readonly type: 'device.confirm'; readonly uuid: string; readonly journeyId: string; readonly at: number }
  /** Removes what the journey registered without a proof, and voids its messages. Never fails. */
  | { readonly type: 'device.discard'; readonly journeyId: string }
  /** Sets `lastAccessAt`; never fails, so that it never undoes a login. */
  | { readonly type: 'device.accessed'; readonly uuid: string; readonly at: number };
