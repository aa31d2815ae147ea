import { createHmac } from 'node:crypto';
import { foldUsername } from '@assent/engine';
import { auditIn } from '@assent/engine/host';
import { DEFAULT_DEVICE_NAME, type PushDevice } from '../model/devices.ts';
import type { PretendedRequest, PushRequestResult } from '../model/push-messages.ts';
import { draftPretendedRequest, draftSuppressedRequest, sentResult } from './draft-request.ts';
import type { RequestContext } from './request-context.ts';
import { isTooLarge } from './signed-envelope.ts';
import { openRequest } from './staged-messages.ts';

/** A request to the phone that somebody does not have: it costs and looks like a real one, and nobody can answer it (SEC-59). */
export async function pretendRequest(context: RequestContext, options: PretendedRequest): Promise<PushRequestResult> {
  const { dependencies, unit, counters } = context;
  const { user: username, identity } = options;
  if (!dependencies.transports.hasService(unit.realm.realm)) return { status: 'serviceMissing' };
  if (isTooLarge(options.payload)) return { status: 'payloadTooLarge' };
  const mac = macOf(context, username);
  const devices = [phoneOfNobody(context, username, mac)];
  const counted = identity ?? { id: `nobody:${mac.toString('base64url')}` };
  const asking = await counters.load(counted, devices, dependencies.clock.now());

  const now = dependencies.clock.now();
  const { place, source } = asking;
  const asked = { ...options, identity: { id: identity?.id ?? '', username: identity?.username ?? username }, devices };
  const draft =
    counters.heldUntil(asking, now) > now
      ? draftSuppressedRequest(context, { ...asked, askedFrom: { place, source } }, now)
      : draftPretendedRequest(context, { ...asked, askedFrom: counters.count(asking, now) }, now);
  openRequest(unit, draft.rows);
  const outcome = identity === undefined ? 'unknown' : 'noDevice';
  unit.stage(auditIn(unit, now, 'PUSH_PRETENDED', { outcome, ...(identity && { userId: identity.id }) }));
  return sentResult(devices, draft);
}

/** Stands for a name, so that none that somebody has typed is kept where sends are counted. */
const macOf = ({ dependencies: { codePepper }, unit }: RequestContext, username: string): Buffer =>
  createHmac('sha256', codePepper)
    .update(`phone of\0${unit.realm.realm}\0${foldUsername(username)}`)
    .digest();

/** The same phone each time for a name, and of either kind over many: neither the number that is shown nor what is counted tells who exists. */
function phoneOfNobody({ dependencies, unit }: RequestContext, username: string, mac: Buffer): PushDevice {
  const { random, transports, clock } = dependencies;
  const { realm } = unit.realm;
  const isOfficial = (mac[0] ?? 0) % 2 === 0 && transports.find(realm, 'gcm') !== undefined;
  const now = clock.now();
  return {
    uuid: mac.toString('base64url'),
    realm,
    userId: '',
    username,
    deviceName: DEFAULT_DEVICE_NAME,
    issuer: '',
    secret: random.bytes(32),
    mechanismUid: random.uuid(),
    deviceId: '',
    deviceType: isOfficial ? 'android' : 'web',
    communicationType: isOfficial ? 'gcm' : 'relay',
    communicationId: '',
    createdAt: now,
    lastAccessAt: now,
    refreshHashes: [],
    rev: 1,
  };
}
