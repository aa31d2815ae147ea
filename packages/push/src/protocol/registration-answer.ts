import {
  type CommunicationType,
  type DeviceType,
  readCommunicationType,
  readDeny,
  readDeviceId,
  readDeviceName,
  readDeviceType,
  readMechanismUid,
  readResponse,
} from './device-claims.ts';
import { type EcPublicJwk, parseEcPublicJwk } from './ec-public-jwk.ts';
import { type Claims, isObject, type Parsed, parsed, refused } from './parsed.ts';

/** A phone that wants to be the user's device. */
export interface RegistrationAccepted {
  readonly deny: false;
  readonly response: Uint8Array;
  readonly mechanismUid: string;
  readonly deviceId: string;
  readonly deviceName?: string;
  readonly deviceType: DeviceType;
  readonly communicationType: CommunicationType;
  /** Our own phone's key: from now on only it speaks for the device (SEC-10). */
  readonly xKey?: EcPublicJwk;
}

/** A phone whose user does not want to register. */
export interface RegistrationDenied {
  readonly deny: true;
  readonly response: Uint8Array;
}

export type RegistrationAnswer = RegistrationAccepted | RegistrationDenied;

/** Reads the claims of a `register` JWT whose signature was verified (spec/push-protocol.md §2.1). */
export function parseRegistrationClaims(
  claims: unknown,
  served: readonly CommunicationType[],
): Parsed<RegistrationAnswer> {
  if (!isObject(claims)) return refused('claims are not an object');
  const response = readResponse(claims);
  if (response === undefined) return refused('response is not 32 bytes of base64');
  // A JWT made for another action does not become this one (SEC-32).
  if (Object.hasOwn(claims, 'challengeResponse')) return refused('challengeResponse in a registration');
  const deny = readDeny(claims);
  if (deny === undefined) return refused('deny is not true');
  if (deny) return parsed({ deny, response });

  const mechanismUid = readMechanismUid(claims.mechanismUid);
  if (mechanismUid === undefined) return refused('mechanismUid missing or not allowed');
  const deviceId = readDeviceId(claims.deviceId);
  if (deviceId === undefined) return refused('deviceId missing or not allowed');
  const deviceType = readDeviceType(claims.deviceType);
  if (deviceType === undefined) return refused('deviceType missing or unknown');
  const communicationType = readCommunicationType(claims.communicationType, served);
  if (communicationType === undefined) return refused('communicationType missing or not served here');
  const name = claims.deviceName ?? undefined;
  if (name !== undefined && typeof name !== 'string') return refused('deviceName is not text');
  const deviceName = readDeviceName(name);
  const xKey = parseEcPublicJwk(claims.x_key);
  if (xKey === undefined && claims.x_key !== undefined) return refused('x_key is not a P-256 public key');

  return parsed({
    deny,
    response,
    mechanismUid,
    deviceId,
    ...(deviceName !== undefined && { deviceName }),
    deviceType,
    communicationType,
    ...(xKey !== undefined && { xKey }),
  });
}

/** What a phone signs to register. `response` is already base64. */
export interface PhoneRegistration {
  readonly deviceId: string;
  readonly deviceName?: string;
  readonly deviceType: DeviceType;
  readonly communicationType: CommunicationType;
  readonly mechanismUid: string;
  readonly response: string;
  readonly xKey?: EcPublicJwk;
}

/** The claims of a `register` JWT, as the phone sends them. */
export const registrationClaims = ({ xKey, ...claims }: PhoneRegistration): Claims => ({
  ...claims,
  ...(xKey !== undefined && { x_key: xKey }),
});
