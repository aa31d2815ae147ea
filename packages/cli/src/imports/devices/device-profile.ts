import { codesOf, integerOf, nameOf, parsed, textOf, timeOf, uuidOf } from './profile-members.ts';

/** What a phone is known by, as AM stores it. */
export interface PushProfile {
  readonly uuid: string | undefined;
  readonly deviceName: string;
  readonly issuer: string;
  readonly secret: Uint8Array;
  readonly mechanismUid: string;
  readonly deviceId: string;
  readonly deviceType: string;
  readonly communicationType: string;
  readonly communicationId: string;
  readonly createdAt: number | undefined;
  readonly lastAccessAt: number | undefined;
  readonly codes: readonly string[];
}

/** What a generator of one-time passwords is known by. */
export interface OathProfile {
  readonly uuid: string | undefined;
  readonly deviceName: string;
  readonly secret: Uint8Array;
  readonly counter: number;
  readonly lastLoginSeconds: number;
  readonly clockDriftSeconds: number;
  readonly checksumDigit: boolean;
  readonly truncationOffset: number;
  readonly createdAt: number | undefined;
  readonly lastAccessAt: number | undefined;
  readonly codes: readonly string[];
}

/** Why a profile does not come: it cannot be read, or its registration was never finished. */
export type ProfileFault = 'form' | 'unfinished';

/** What AM writes into a profile until the phone has answered. */
const UNFINISHED = 'placeholder';
/** Later than this no time of AM's is in seconds. */
const FIRST_MILLIS = 100_000_000_000;

/** K has 32 bytes: phones sign with no less (push-protocol §0.3). */
const secretOfPush = (value: unknown): Buffer | undefined => {
  const text = textOf(value);
  if (text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length >= 32 && bytes.length <= 64 ? bytes : undefined;
};

/** Reads a value of `pushDeviceProfiles` (spec: nodes-mfa §2.6). */
export const readPushProfile = (text: string): PushProfile | ProfileFault => {
  const profile = parsed(text);
  if (profile === undefined) return 'form';
  const { communicationType } = profile;
  const [mechanismUid, deviceId, communicationId] = [
    textOf(profile.deviceMechanismUID, 128),
    textOf(profile.deviceId),
    textOf(profile.communicationId),
  ];
  if ([mechanismUid, communicationId, communicationType].includes(UNFINISHED)) return 'unfinished';
  const secret = secretOfPush(profile.sharedSecret);
  if (secret === undefined || mechanismUid === undefined || communicationId === undefined) return 'form';
  if (communicationType !== 'gcm' && communicationType !== 'apns') return 'form';
  return {
    uuid: uuidOf(profile.uuid),
    deviceName: nameOf(profile.deviceName, 'Push Device'),
    issuer: nameOf(profile.issuer, 'ForgeRock'),
    secret,
    mechanismUid,
    // Older ones lack it; the address of the provider is what messages go to.
    deviceId: deviceId ?? communicationId,
    deviceType: communicationType === 'apns' ? 'ios' : 'android',
    communicationType,
    communicationId,
    createdAt: timeOf(profile.createdDate),
    lastAccessAt: timeOf(profile.lastAccessDate),
    codes: codesOf(profile.recoveryCodes),
  };
};

/** Reads a value of `oathDeviceProfiles`. */
export const readOathProfile = (text: string): OathProfile | ProfileFault => {
  const profile = parsed(text);
  if (profile === undefined) return 'form';
  const hex = textOf(profile.sharedSecret, 256);
  if (hex === undefined || hex.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(hex)) return 'form';
  const lastLogin = Math.max(0, integerOf(profile.lastLogin, 0));
  return {
    uuid: uuidOf(profile.uuid),
    deviceName: nameOf(profile.deviceName, 'OATH Device'),
    secret: Buffer.from(hex, 'hex'),
    counter: Math.max(0, integerOf(profile.counter, 0)),
    lastLoginSeconds: lastLogin >= FIRST_MILLIS ? Math.floor(lastLogin / 1_000) : lastLogin,
    clockDriftSeconds: integerOf(profile.clockDriftSeconds, 0),
    checksumDigit: profile.checksumDigit === true,
    truncationOffset: Math.max(-1, Math.min(15, integerOf(profile.truncationOffset, -1))),
    createdAt: timeOf(profile.createdDate),
    lastAccessAt: timeOf(profile.lastAccessDate),
    codes: codesOf(profile.recoveryCodes),
  };
};
