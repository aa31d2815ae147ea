import type { Identity } from '@assent/engine';
import { timeOrderedUuid } from '@assent/engine/host';
import { isUnreachable } from '../model/device-rules.ts';
import { isOwnPhone, type PushDevice } from '../model/devices.ts';
import { traceLine } from '../model/message-trace.ts';
import type { PushMessage } from '../model/messages.ts';
import type { AskedFrom } from '../model/push-limits.ts';
import type { PushRequestOptions, PushRequestResult } from '../model/push-messages.ts';
import { claimFrom } from '../model/request-rules.ts';
import { generateNumberChallenge, messageId, type NumberChallenge } from '../protocol/index.ts';
import { lifetimeOf, type RequestContext } from './request-context.ts';
import { type RequestToPhone, type SaidToPhone, signedEnvelope } from './signed-envelope.ts';

/** As much of a request as its rows say. */
export type DraftedRequest = Pick<PushRequestOptions, 'devices' | 'pushType' | 'timeoutMillis'> & {
  readonly identity: Pick<Identity, 'id' | 'username'>;
  readonly askedFrom: AskedFrom;
};

/** A request with a row for each phone, before anything of it is stored. */
export interface RequestDraft {
  readonly rows: readonly PushMessage[];
  readonly request: string;
  readonly expiresAt: number;
  /** What had to go so that the message fits what its provider carries, for the audit trail. */
  readonly dropped: readonly string[];
  readonly number: NumberChallenge | undefined;
}

/** Drafts a request that goes out: a signed message for each phone. */
export function draftRequest(
  context: RequestContext,
  options: SaidToPhone & DraftedRequest,
  now: number,
): RequestDraft {
  const { transports, instance } = context.dependencies;
  const dropped = new Set<string>();
  const draft = draftRows(context, options, now, (device, message) => {
    const { envelope, lost } = signedEnvelope(context, options, device, message);
    for (const part of lost) dropped.add(part);
    const transport = transports.find(context.unit.realm.realm, device.communicationType, device.communicationId);
    const delivery = isUnreachable(device)
      ? 'unreachable'
      : transport === undefined
        ? 'failed'
        : transport.isPulled
          ? 'none'
          : 'queued';
    const claim = delivery === 'queued' ? claimFrom(now, instance) : undefined;
    const step = delivery === 'none' ? 'fetchable' : delivery;
    const trace = traceLine({ step, at: now, by: instance, cause: delivery === 'failed' ? 'NoTransport' : undefined });
    return { state: 'pending', envelope, delivery, trace, ...(claim !== undefined && { claim }) };
  });
  return { ...draft, dropped: [...dropped] };
}

const SUPPRESSED = { state: 'closed', reason: 'suppressed', delivery: 'none' } as const;

/** Drafts a request that only looks as if it went out: nobody gets it, and nobody can answer it (SEC-25, SEC-59). */
export const draftSuppressedRequest = (context: RequestContext, options: DraftedRequest, now: number): RequestDraft =>
  draftRows(context, options, now, () => SUPPRESSED);

/** Drafts one that is signed and sealed as if it went out, to the phone of nobody: each of both takes its time (I7, SEC-59). */
export const draftPretendedRequest = (
  context: RequestContext,
  options: SaidToPhone & DraftedRequest,
  now: number,
): RequestDraft =>
  draftRows(context, options, now, (device, message) => ({
    ...SUPPRESSED,
    envelope: signedEnvelope(context, options, device, message).envelope,
  }));

function draftRows(
  { dependencies: { random }, unit }: RequestContext,
  { identity, devices, pushType, timeoutMillis, askedFrom }: DraftedRequest,
  now: number,
  stateOf: (
    device: PushDevice,
    message: RequestToPhone,
  ) => Pick<PushMessage, 'state' | 'reason' | 'envelope' | 'delivery' | 'claim' | 'trace'>,
): RequestDraft {
  const number =
    pushType === 'CHALLENGE'
      ? generateNumberChallenge({
          ownPhone: devices.some(isOwnPhone),
          officialApp: devices.some((device) => !isOwnPhone(device)),
          digits: unit.realm.numberDigits,
          random,
        })
      : undefined;
  const ids = devices.map(() => messageId('AUTHENTICATE', timeOrderedUuid(random, now), now));
  const request = ids[0] ?? '';
  const expiresAt = now + lifetimeOf(timeoutMillis);
  const rows = devices.map((device, index): PushMessage => {
    const message = {
      id: ids[index] ?? '',
      request,
      challenge: random.bytes(32),
      number,
      createdAt: now,
      expiresAt,
    };
    return {
      id: message.id,
      kind: 'AUTHENTICATE',
      request,
      realm: unit.realm.realm,
      userId: identity.id,
      username: identity.username,
      journeyId: unit.journeyId,
      deviceUuid: device.uuid,
      mechanismUid: device.mechanismUid,
      challenge: message.challenge,
      pushType,
      expectedNumber: isOwnPhone(device) ? number?.expected : number?.tap?.expected,
      askedFrom,
      createdAt: now,
      expiresAt,
      attempts: 0,
      ...stateOf(device, message),
    };
  });
  return { rows, request, expiresAt, dropped: [], number };
}

/** What the node learns of a request that was sent, or only looks so. */
export function sentResult(
  devices: readonly PushDevice[],
  { request, expiresAt, number }: RequestDraft,
): PushRequestResult {
  const own = devices.some(isOwnPhone);
  const official = devices.some((device) => !isOwnPhone(device));
  return {
    status: 'sent',
    messageId: request,
    mechanismUid: devices[0]?.mechanismUid ?? '',
    expiresAt,
    ...(number !== undefined && {
      number: number.text,
      numberIs: own && official ? ('typed-or-tapped' as const) : own ? ('typed' as const) : ('tapped' as const),
    }),
  };
}
