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

export interface OathDeviceReader {
  /** Newest first. */
  ofUser(userId: string): Promise<readonly OathDevice[]>;
  get(uuid: string): Promise<OathDevice | undefined>;
}

export type OathDeviceChange =
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
  | { readonly type: 'oath.deleteAll'; readonly userId: string };
