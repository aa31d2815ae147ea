import {
  type CommunicationType,
  type DeviceType,
  readCommunicationType,
  readDeviceId,
  readDeviceName,
  readDeviceType,
  readMechanismUid,
} from './device-claims.ts';
import { MAX_JWT_LENGTH } from './jwt.ts';
import { isObject, type Parsed, parsed, refused } from './parsed.ts';

/** The body of a `refresh` message. Neither name is to be believed before the JWT is verified (SEC-34). */
export interface RefreshBody {
  readonly mechanismUid: string;
  readonly username?: string;
  readonly userId?: string;
  readonly jwt: string;
}

/** What a phone says about its new delivery token. */
export interface RefreshAnswer {
  readonly deviceId: string;
  readonly communicationType: CommunicationType;
  readonly deviceType?: DeviceType;
  readonly deviceName?: string;
  readonly mechanismUid?: string;
}

const MAX_NAME = 512;

/** Reads the body of a `refresh` message (spec/push-protocol.md §5). */
export function parseRefreshBody(body: unknown): Parsed<RefreshBody> {
  if (!isObject(body)) return refused('body is not an object');
  const mechanismUid = readMechanismUid(body.mechanismUid);
  if (mechanismUid === undefined) return refused('mechanismUid missing or not allowed');
  const { jwt } = body;
  if (typeof jwt !== 'string' || jwt.length > MAX_JWT_LENGTH) return refused('jwt missing or too long');
  const username = body.username ?? undefined;
  const userId = body.userId ?? undefined;
  if (!isName(username) || !isName(userId)) return refused('a user name is not text');
  return parsed({
    mechanismUid,
    ...(username !== undefined && { username }),
    ...(userId !== undefined && { userId }),
    jwt,
  });
}

const isName = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === 'string' && value.length <= MAX_NAME);

/** Reads the claims of a `refresh` JWT; one that was made to register or to answer is refused (SEC-32, SEC-35). */
export function parseRefreshClaims(claims: unknown, served: readonly CommunicationType[]): Parsed<RefreshAnswer> {
  if (!isObject(claims)) return refused('claims are not an object');
  for (const name of ['response', 'deny', 'challengeResponse', 'x_key']) {
    if (Object.hasOwn(claims, name)) return refused(`${name} in a refresh`);
  }
  const deviceId = readDeviceId(claims.deviceId);
  if (deviceId === undefined) return refused('deviceId missing or not allowed');
  const communicationType = readCommunicationType(claims.communicationType, served);
  if (communicationType === undefined) return refused('communicationType missing or not served here');
  const deviceType = readDeviceType(claims.deviceType);
  if (deviceType === undefined && claims.deviceType !== undefined) return refused('deviceType unknown');
  const mechanismUid = readMechanismUid(claims.mechanismUid);
  if (mechanismUid === undefined && claims.mechanismUid !== undefined) return refused('mechanismUid not allowed');
  const name = claims.deviceName ?? undefined;
  if (name !== undefined && typeof name !== 'string') return refused('deviceName is not text');
  const deviceName = readDeviceName(name);
  return parsed({
    deviceId,
    communicationType,
    ...(deviceType !== undefined && { deviceType }),
    ...(deviceName !== undefined && { deviceName }),
    ...(mechanismUid !== undefined && { mechanismUid }),
  });
}
