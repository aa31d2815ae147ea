/** What a JWK may say of itself beside its key, as it came (RFC 7517 §4). */
interface KeyLabels {
  readonly kid?: string;
  readonly use?: string;
  readonly alg?: string;
}

/** The public key that a device has made for a user, as a JWK with its public members and nothing else (RFC 7517, RFC 7518 §6). */
export type BoundDeviceJwk = KeyLabels &
  (
    | { readonly kty: 'EC'; readonly crv: 'P-256' | 'P-384' | 'P-521'; readonly x: string; readonly y: string }
    | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  );

/** A device that was bound to a user: an app on it has made a key, and signs with it. Nothing of the row is secret. */
export interface BoundDevice {
  /** The `kid` of its key, which the app has chosen: within a realm it names one device (WA-44). */
  readonly uuid: string;
  readonly realm: string;
  readonly userId: string;
  readonly username: string;
  readonly deviceName: string;
  /** The app's name for the installation, which may have several keys. */
  readonly deviceId: string;
  readonly key: BoundDeviceJwk;
  /** The app that has made the key: its package or bundle. Empty where another server has not kept it. */
  readonly applicationId: string;
  /** How the device was to make sure of its user: what was asked of it, which proves nothing (WA-48). Empty where another server has not kept it. */
  readonly authenticationType: string;
  /** Whether a chain up to a root of the platform has proven that the key lies in hardware. */
  readonly attested: boolean;
  /** Milliseconds since 1970, as the time below. */
  readonly createdAt: number;
  readonly lastAccessAt: number;
  readonly rev: number;
}

export interface BoundDeviceReader {
  /** Newest first. */
  ofUser(userId: string): Promise<readonly BoundDevice[]>;
  /** Whoever it belongs to in the realm. */
  get(realm: string, kid: string): Promise<BoundDevice | undefined>;
}

export type BoundDeviceChange =
  /** Fails where the user has `maxDevices` of them already, and where anybody in the realm has one of that kid (WA-19, WA-44). */
  | { readonly type: 'bound.insert'; readonly row: BoundDevice; readonly maxDevices: number }
  /** Gives it the name of `row`, and nothing else of it. Fails unless the stored rev is `row.rev`. */
  | { readonly type: 'bound.update'; readonly row: BoundDevice }
  /** It has signed. `lastAccessAt` never falls; fails where the device is gone (WA-32). */
  | { readonly type: 'bound.accessed'; readonly realm: string; readonly uuid: string; readonly at: number }
  /** Fails where it is gone already. */
  | { readonly type: 'bound.delete'; readonly realm: string; readonly uuid: string }
  /** Never fails. */
  | { readonly type: 'bound.deleteAll'; readonly userId: string };
