import { foldUsername } from '@assent/engine';
import { auditChange } from '@assent/engine/host';
import { openEs256, openHs256 } from '../jose/index.ts';
import { isUnreachable } from '../model/device-rules.ts';
import type { DeviceChange, PushDevice } from '../model/devices.ts';
import {
  type Claims,
  type CommunicationType,
  parseRefreshBody,
  parseRefreshClaims,
  type RefreshBody,
} from '../protocol/index.ts';
import type { PhoneCall, PhoneReply } from './phone-call.ts';
import {
  ACCEPTED,
  answerHash,
  type CeremonyDependencies,
  refusal,
  sameHash,
  untilCommitted,
  verifyInVain,
} from './phone-ceremony.ts';

const REMEMBERED_REFRESHES = 50;

/** A phone's new delivery token (spec/push-protocol.md §5, in that order). */
export async function answerRefresh(ceremony: CeremonyDependencies, call: PhoneCall): Promise<PhoneReply> {
  const body = parseRefreshBody(call.body);
  if (!body.ok) return refusal(body.reason);
  return untilCommitted(() => decide(ceremony, call, body.value));
}

async function decide(
  ceremony: CeremonyDependencies,
  call: PhoneCall,
  body: RefreshBody,
): Promise<PhoneReply | 'lost the race'> {
  const { devices, transports, committer, clock } = ceremony;
  const now = clock.now();
  const { jwt, mechanismUid } = body;
  const candidates = await devices.byMechanism(call.realm, mechanismUid);
  const found = openWithOneOf(ceremony, candidates, jwt, now);
  if (found === undefined) return refusal('no device with that mechanism opens the JWT');
  const { device, claims } = found;

  if (!isNamed(body, device)) return refusal('the device belongs to another user');
  const answer = parseRefreshClaims(claims, transports.served(call.realm));
  if (!answer.ok) return refusal(answer.reason);
  const { deviceId, deviceName, deviceType, communicationType } = answer.value;
  if (answer.value.mechanismUid !== undefined && answer.value.mechanismUid !== device.mechanismUid) {
    return refusal('the JWT is for another mechanism');
  }
  if (
    (deviceType !== undefined && deviceType !== device.deviceType) ||
    (communicationType !== device.communicationType && !isOwnSwitch(device, communicationType))
  ) {
    return refusal('a refresh cannot change the kind of the device');
  }
  const hash = answerHash(jwt);
  const known = device.refreshHashes.findIndex((it) => sameHash(it, hash));
  // The JWT of an official app has neither time nor nonce: the current one may come again, an older one must not (SEC-35).
  if (known >= 0 && known < device.refreshHashes.length - 1) return refusal('an old refresh was replayed');
  // A phone that says the same again although its address was called dead wants to be rung there once more (REL-09).
  if (known >= 0 && !isUnreachable(device)) return ACCEPTED;

  const transport = transports.find(call.realm, communicationType);
  if (transport === undefined) return refusal(transports.missing(call.realm, communicationType));
  const address = await transport.register(deviceId, communicationType);
  if (address.status === 'failed') return refusal(`the provider refused the phone: ${address.cause}`);
  const { channelDeadAt: _dead, ...reachable } = device;
  const row: PushDevice = {
    ...reachable,
    deviceId,
    communicationType,
    communicationId: address.communicationId,
    ...(deviceName !== undefined && { deviceName }),
    refreshHashes: known >= 0 ? device.refreshHashes : [...device.refreshHashes, hash].slice(-REMEMBERED_REFRESHES),
  };
  const result = await committer.commit([
    { type: 'device.update', row } satisfies DeviceChange,
    auditChange({ at: clock.now(), realm: call.realm, transactionId: call.transactionId }, 'DEVICE_REFRESH', {
      userId: device.userId,
      detail: { device: device.uuid },
    }),
  ]);
  return result.committed ? ACCEPTED : 'lost the race';
}

/** Mechanism UIDs are unique within a user only: the key decides whose device speaks. */
function openWithOneOf(
  ceremony: CeremonyDependencies,
  candidates: readonly PushDevice[],
  jwt: string,
  now: number,
): { readonly device: PushDevice; readonly claims: Claims } | undefined {
  if (candidates.length === 0) verifyInVain(ceremony, jwt, now);
  for (const device of candidates) {
    const opened =
      device.xKey === undefined ? openHs256(jwt, device.secret, { now }) : openEs256(jwt, device.xKey, { now });
    if (!opened.ok) continue;
    // A device with a key of its own also says when, and says nothing twice (SEC-33).
    const isBound = typeof opened.claims.iat === 'number' && typeof opened.claims.jti === 'string';
    if (device.xKey === undefined || isBound) return { device, claims: opened.claims };
  }
  return undefined;
}

/** Our own phone may ring from today on, or no more: its key says that it is still the same one (docs/adr/0010). */
const isOwnSwitch = ({ xKey, communicationType: from }: PushDevice, to: CommunicationType): boolean =>
  xKey !== undefined && (from === 'relay' || from === 'webpush') && (to === 'relay' || to === 'webpush');

/** The apps disagree about which member names the user; one that is there must fit. */
function isNamed({ username, userId }: RefreshBody, device: PushDevice): boolean {
  const fits = (name: string | undefined) =>
    name === undefined || name === '' || name === device.userId || foldUsername(name) === foldUsername(device.username);
  return fits(username) && fits(userId);
}
