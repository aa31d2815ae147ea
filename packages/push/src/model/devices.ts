import { type FactorKind, type Identity, port } from '@assent/engine';
import type { BoundDeviceChange } from './bound-device.ts';
import type { PasskeyChange } from './passkey.ts';

/** What a device proves itself by. */
export type DeviceType = FactorKind;

/** What recovery codes stand in for: there are none for a bound device. */
export type CodeType = Exclude<DeviceType, 'binding'>;

/** What a user can decide to go without. */
export const SKIP_TYPES = ['push', 'oath', 'webauthn'] as const satisfies readonly DeviceType[];
export type SkipType = (typeof SKIP_TYPES)[number];

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

/** A registered generator of one-time passwords. `secret` is sealed at rest and leaves the server once, in its URI. */
export interface OathDevice {
  readonly uuid: string;
  readonly realm: string;
  readonly userId: string;
  readonly username: string;
  readonly deviceName: string;
  readonly issuer: string;
  readonly secret: Uint8Array;
  /** How many digits its passwords have, without the checksum; absent on a device that was imported. */
  readonly digits?: 6 | 8;
  /** HOTP: the next counter that may be used (RFC 4226 §7.2). */
  readonly counter: number;
  /** TOTP: when the step of the last accepted password began; 0 before the first. */
  readonly lastLoginSeconds: number;
  /** TOTP: by how much the generator's clock is ahead (RFC 6238 §6). */
  readonly clockDriftSeconds: number;
  /** HOTP: whether a checksum digit follows (RFC 4226 appendix C). */
  readonly checksumDigit: boolean;
  /** HOTP: where the MAC is cut, or -1 for the dynamic place of RFC 4226 §5.3. */
  readonly truncationOffset: number;
  readonly createdAt: number;
  readonly lastAccessAt: number;
  readonly rev: number;
}

/**
 * One recovery code: found by `selector`, proven by `hash`, used by deleting the row. Of a code that another server has hashed nobody
 * can tell how it is found: those have {@link IMPORTED_SELECTOR}, and the hash of that server.
 */
export interface RecoveryCodeRow {
  readonly id: string;
  readonly realm: string;
  readonly userId: string;
  readonly deviceType: CodeType;
  readonly selector: string;
  readonly hash: string;
}

/** Unlike any of ours, which have twelve letters. */
export const IMPORTED_SELECTOR = 'imported';

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
  /** Codes of the user and type that are found by one of these. */
  codesBySelector(userId: string, type: CodeType, selectors: readonly string[]): Promise<readonly RecoveryCodeRow[]>;
  countCodes(userId: string, type: CodeType): Promise<number>;
  /** Of all types, for whoever takes them to another server. */
  codesOfUser(userId: string): Promise<readonly RecoveryCodeRow[]>;
}

export interface OathDeviceReader {
  /** Newest first. */
  ofUser(userId: string): Promise<readonly OathDevice[]>;
  get(uuid: string): Promise<OathDevice | undefined>;
}

export type DeviceChange =
  | PasskeyChange
  | BoundDeviceChange
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
  | { readonly type: 'device.accessed'; readonly uuid: string; readonly at: number }
  /** Fails when the user has `maxDevices` of them already. */
  | { readonly type: 'oath.insert'; readonly row: OathDevice; readonly maxDevices: number }
  /** Fails unless the stored rev is `row.rev`; the stored rev is one more. */
  | { readonly type: 'oath.update'; readonly row: OathDevice }
  /**
   * A password of the device was accepted: writes its counters and its last access, and nothing else of the row. Fails as `oath.update` does, so
   * that each password is accepted once (SEC-49).
   */
  | { readonly type: 'oath.used'; readonly row: OathDevice }
  /** Removes the device, and with the last one the codes; fails where it is gone already. */
  | { readonly type: 'oath.delete'; readonly uuid: string }
  | { readonly type: 'oath.deleteAll'; readonly userId: string }
  /** Replaces the whole set of the user and type. */
  | {
      readonly type: 'codes.replace';
      readonly userId: string;
      readonly deviceType: CodeType;
      readonly rows: readonly RecoveryCodeRow[];
    }
  /** Fails unless the row was there: the code is used by this commit or by nobody's. */
  | { readonly type: 'code.use'; readonly id: string };

/** Who is said to own a recovery code: a user, or a name that nobody has, whose guesses cost and count as others do (SEC-59). */
export type CodeOwner = Pick<Identity, 'id' | 'credentialRev'> | { readonly nobody: string };

/** `locked`: too many were wrong, this one or those before it, and nothing is good for a while (SEC-46). */
export type CodeVerdict = 'good' | 'wrong' | 'locked';

export interface RecoveryCodes {
  /** Ten new codes that replace the user's set of that type when the unit of work commits. */
  replace(userId: string, type: CodeType): Promise<readonly string[]>;
  /** Ten new codes that are good as either type, each once. */
  replaceBoth(userId: string): Promise<readonly string[]>;
  /** What becomes of a code; a good one is used up when the unit of work commits, and wrong ones are counted. */
  use(owner: CodeOwner, type: CodeType, code: string): Promise<CodeVerdict>;
  count(userId: string, type: CodeType): Promise<number>;
}

export const recoveryCodes = port<RecoveryCodes>()('recoveryCodes', 'stages');
