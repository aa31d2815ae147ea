import { auditIn, timeOrderedUuid } from '@assent/engine/host';
import { DEFAULT_DEVICE_NAME } from '../model/devices.ts';
import type { PushMessage } from '../model/messages.ts';
import { messageAddress } from '../model/push-addresses.ts';
import { messageIdHash } from '../model/push-audit.ts';
import type { OpenedRegistration, PushMessages, RegistrationLabel, ServiceMissing } from '../model/push-messages.ts';
import { encodeBase64, formatCombinedUri, formatRegistrationUri, messageId, utf8Bytes } from '../protocol/index.ts';
import { lifetimeOf, type RequestContext } from './request-context.ts';
import { openRequest, readRegistration } from './staged-messages.ts';

/** What AM's shared state shows of secrets that stay in the sealed record. */
const PLACEHOLDER = 'placeholder';

/** Opens the registration of a phone: a challenge, a key, and the documented values of shared state. */
export async function openRegistration(
  { dependencies, unit }: RequestContext,
  { identity, issuer, timeoutMillis }: Parameters<PushMessages['openRegistration']>[0],
): Promise<OpenedRegistration | ServiceMissing> {
  const { clock, random, transports } = dependencies;
  const { realm } = unit.realm;
  if (!transports.hasService(realm)) await transports.catchUp(realm);
  if (!transports.hasService(realm)) return { status: 'serviceMissing' };
  const now = clock.now();
  const id = messageId('REGISTER', timeOrderedUuid(random, now), now);
  const row: PushMessage = {
    id,
    kind: 'REGISTER',
    request: id,
    realm,
    userId: identity.id,
    username: identity.username,
    journeyId: unit.journeyId,
    deviceUuid: random.uuid(),
    mechanismUid: '',
    challenge: random.bytes(32),
    secret: random.bytes(32),
    pushType: 'DEFAULT',
    state: 'pending',
    createdAt: now,
    expiresAt: now + lifetimeOf(timeoutMillis),
    attempts: 0,
    delivery: 'none',
  };
  openRequest(unit, [row]);
  const detail = { message: messageIdHash(id) };
  unit.stage(auditIn(unit, now, 'REG_START', { userId: identity.id, detail }));
  return {
    status: 'opened',
    messageId: id,
    deviceProfile: profileOf(row, issuer),
    challengeKey: PLACEHOLDER,
  };
}

const profileOf = ({ deviceUuid, createdAt }: PushMessage, issuer: string): string => {
  const profile = {
    uuid: deviceUuid,
    sharedSecret: PLACEHOLDER,
    deviceName: DEFAULT_DEVICE_NAME,
    issuer,
    deviceMechanismUID: PLACEHOLDER,
    deviceId: PLACEHOLDER,
    deviceType: PLACEHOLDER,
    communicationType: PLACEHOLDER,
    communicationId: PLACEHOLDER,
    recoveryCodes: [],
    createdDate: createdAt,
    lastAccessDate: createdAt,
  };
  return encodeBase64(utf8Bytes(JSON.stringify(profile)));
};

/** The code to scan for an open registration; undefined where it is over. */
export async function registrationUri(
  { dependencies, unit }: RequestContext,
  messageId: string,
  { oath, ...label }: RegistrationLabel,
): Promise<string | undefined> {
  const row = await readRegistration(dependencies, unit, messageId);
  if (row?.secret === undefined || row.state === 'closed' || row.state === 'consumed') return undefined;
  const address = messageAddress(dependencies.publicUrl, row.realm);
  const registration = {
    ...label,
    loadBalancerCookie: dependencies.loadBalancerCookie,
    messageId: row.id,
    secret: row.secret,
    challenge: row.challenge,
    registerUrl: `${address}?_action=register`,
    authenticateUrl: `${address}?_action=authenticate`,
    userId: row.username,
    deviceUuid: row.deviceUuid,
  };
  if (oath === undefined) return formatRegistrationUri(registration);
  const { uuid, parameters, policies } = oath;
  return formatCombinedUri({
    ...registration,
    oath: parameters,
    oathUuid: uuid,
    ...(policies !== undefined && { policies }),
  });
}
