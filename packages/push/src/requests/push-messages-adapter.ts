import { createHmac } from 'node:crypto';
import { foldUsername, type Identity } from '@assent/engine';
import { type ActingAdapter, type ActingUnitOfWork, auditIn, timeOrderedUuid } from '@assent/engine/host';
import { newestHint, relayHint, requestHint } from '../delivery/hints.ts';
import { signJsonHs256 } from '../jose/signing.ts';
import type { PushDevice } from '../model/devices.ts';
import { statusOf } from '../model/message-status.ts';
import type { MessageChange, PushEnvelope, PushMessage } from '../model/messages.ts';
import { messageAddress } from '../model/push-addresses.ts';
import { messageIdHash } from '../model/push-audit.ts';
import { PushCounters } from '../model/push-limits.ts';
import type { PretendedRequest, PushMessages, PushRequestOptions, PushRequestResult } from '../model/push-messages.ts';
import {
  type CommunicationType,
  cleanText,
  drawNumberChallenge,
  encodeBase64,
  fitToProvider,
  formatCombinedUri,
  formatRegistrationUri,
  messageId as makeMessageId,
  messageText,
  type NumberChallenge,
  pushClaims,
  shownText,
  utf8Bytes,
} from '../protocol/index.ts';
import type { PushDependencies } from './push-dependencies.ts';
import { ownMessages, readRegistration, readRequest } from './staged-messages.ts';

/** No message and no code lives longer (SEC-06, SEC-16). */
const MAX_LIFE_MILLIS = 600_000;
/** AM's limit for the custom attributes (spec/push-protocol.md §3.1). */
const MAX_PAYLOAD_BYTES = 3 * 1_024;
const PROVIDER_WAIT_MILLIS = 2_000;
const MAX_ATTEMPTS = 3;
const PLACEHOLDER = 'placeholder';
export const DEFAULT_DEVICE_NAME = 'Push Device';

/** Our own phone types the number, an official app taps it (design.md §3 decision 5). */
const isOwnPhone = ({ xKey, communicationType }: PushDevice): boolean =>
  xKey !== undefined || communicationType === 'relay' || communicationType === 'webpush';

const lifeOf = (millis: number): number => Math.min(Math.max(millis, 1_000), MAX_LIFE_MILLIS);

/** Messages as the nodes of one submit see them. */
export const pushMessagesAdapter =
  (dependencies: PushDependencies): ActingAdapter<PushMessages> =>
  (submit) =>
    new StagedPushMessages(dependencies, submit);

class StagedPushMessages implements PushMessages {
  readonly #with: PushDependencies;
  readonly #submit: ActingUnitOfWork;
  readonly #counters: PushCounters;
  /** Users whose counters an approve of theirs would clear. */
  readonly #approvers = new Map<string, string>();

  constructor(dependencies: PushDependencies, submit: ActingUnitOfWork) {
    this.#with = dependencies;
    this.#submit = submit;
    this.#counters = new PushCounters(submit, dependencies.throttles);
  }

  hasService(): boolean {
    return this.#with.transports.hasService(this.#realm);
  }

  async openRegistration({ identity, issuer, timeoutMillis }: Parameters<PushMessages['openRegistration']>[0]) {
    if (!this.hasService()) return { status: 'serviceMissing' } as const;
    const { clock, random } = this.#with;
    const now = clock.now();
    const id = makeMessageId('REGISTER', timeOrderedUuid(random, now), now);
    const row: PushMessage = {
      id,
      kind: 'REGISTER',
      request: id,
      realm: this.#realm,
      userId: identity.id,
      username: identity.username,
      journeyId: this.#submit.journeyId,
      deviceUuid: random.uuid(),
      mechanismUid: '',
      challenge: random.bytes(32),
      secret: random.bytes(32),
      pushType: 'DEFAULT',
      state: 'pending',
      createdAt: now,
      expiresAt: now + lifeOf(timeoutMillis),
      attempts: 0,
      delivery: 'none',
    };
    this.#open([row]);
    this.#audit('REG_START', row);
    const profile = {
      uuid: row.deviceUuid,
      sharedSecret: PLACEHOLDER,
      deviceName: DEFAULT_DEVICE_NAME,
      issuer,
      deviceMechanismUID: PLACEHOLDER,
      deviceId: PLACEHOLDER,
      deviceType: PLACEHOLDER,
      communicationType: PLACEHOLDER,
      communicationId: PLACEHOLDER,
      recoveryCodes: [],
      createdDate: now,
      lastAccessDate: now,
    };
    return {
      status: 'opened',
      messageId: id,
      deviceProfile: encodeBase64(utf8Bytes(JSON.stringify(profile))),
      challengeKey: PLACEHOLDER,
    } as const;
  }

  async registrationUri(messageId: string, { oath, ...label }: Parameters<PushMessages['registrationUri']>[1]) {
    const row = await readRegistration(this.#with, this.#submit, messageId);
    if (row?.secret === undefined || row.state === 'closed' || row.state === 'consumed') return undefined;
    const address = messageAddress(this.#with.publicUrl, row.realm);
    const registration = {
      ...label,
      loadBalancerCookie: this.#with.loadBalancerCookie,
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

  async status(messageId: string) {
    const rows = await readRequest(this.#with, this.#submit, messageId);
    const status = statusOf(rows, this.#with.clock.now());
    const [first] = rows;
    if (status.status === 'approved' && first?.kind === 'AUTHENTICATE') this.#approvers.set(messageId, first.userId);
    return status;
  }

  consume(messageId: string, state: 'approved' | 'denied'): void {
    if (!this.#own.end(messageId, 'consumed')) return;
    const at = this.#with.clock.now();
    this.#submit.stage({ type: 'push.consume', request: messageId, state, at } satisfies MessageChange);
    const approver = this.#approvers.get(messageId);
    if (state === 'approved' && approver !== undefined) this.#counters.clear(approver);
  }

  close(messageId: string, reason: 'exit' | 'timeout' | 'expired' | 'cleanup'): void {
    if (!this.#own.end(messageId, 'closed')) return;
    this.#submit.stage({ type: 'push.close', request: messageId, reason } satisfies MessageChange);
    if (reason === 'timeout' || reason === 'expired') {
      const event = messageId.startsWith('REGISTER:') ? 'REG_TIMEOUT' : 'PUSH_EXPIRED';
      const detail = { message: messageIdHash(messageId) };
      this.#submit.stage(auditIn(this.#submit, this.#with.clock.now(), event, { detail }));
    }
    this.#submit.afterCommit(() => this.#with.hints.publish(requestHint(messageId), { isOver: true }));
  }

  async send(options: PushRequestOptions): Promise<PushRequestResult> {
    const { devices, identity, payload } = options;
    if (devices.length === 0) throw new RangeError('a push request needs a device');
    if (!this.hasService()) return { status: 'serviceMissing' };
    if (Buffer.byteLength(JSON.stringify(payload)) > MAX_PAYLOAD_BYTES) return { status: 'payloadTooLarge' };

    await this.#counters.load(identity.id);
    const now = this.#with.clock.now();
    const isSuppressed = !this.#counters.maySend(identity.id, now);
    const draft = this.#draft(options, now, isSuppressed);
    if (isSuppressed) return this.#pretend(options, draft);
    return options.waitForProvider ? this.#sendAndWait(options, draft) : this.#sendAfterCommit(options, draft);
  }

  async pretend({ username, identity, pushType, timeoutMillis }: PretendedRequest): Promise<PushRequestResult> {
    if (!this.hasService()) return { status: 'serviceMissing' };
    const owner = { id: identity?.id ?? '', username };
    await this.#counters.load(identity?.id ?? `nobody:${foldUsername(username)}`);
    const devices = [this.#nobodysPhone(username)];
    const draft = this.#draft({ identity: owner, devices, pushType, timeoutMillis }, this.#with.clock.now(), true);
    this.#open(draft.rows);
    const facts = {
      outcome: identity === undefined ? 'unknown' : 'noDevice',
      ...(identity && { userId: identity.id }),
    };
    this.#submit.stage(auditIn(this.#submit, this.#with.clock.now(), 'PUSH_PRETENDED', facts));
    return this.#sent(devices, draft);
  }

  /** Of the same kind each time for a name, and of either over many: the number that is shown tells who exists no more. */
  #nobodysPhone(username: string): PushDevice {
    const { random, codePepper, transports, clock } = this.#with;
    const drawn = createHmac('sha256', codePepper)
      .update(`phone of\0${this.#realm}\0${foldUsername(username)}`)
      .digest();
    const isOfficial = (drawn[0] ?? 0) % 2 === 0 && transports.find(this.#realm, 'gcm') !== undefined;
    return {
      uuid: random.uuid(),
      realm: this.#realm,
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
      createdAt: clock.now(),
      lastAccessAt: clock.now(),
      refreshHashes: [],
      rev: 1,
    };
  }

  #draft(options: DraftedRequest, now: number, isSuppressed: true): Draft;
  #draft(options: PushRequestOptions, now: number, isSuppressed: boolean): Draft;
  #draft(options: PushRequestOptions, now: number, isSuppressed: boolean): Draft {
    const { devices, pushType } = options;
    const { random } = this.#with;
    const number =
      pushType === 'CHALLENGE'
        ? drawNumberChallenge({
            ownPhone: devices.some(isOwnPhone),
            officialApp: devices.some((device) => !isOwnPhone(device)),
            digits: this.#submit.realm.numberDigits,
            random,
          })
        : undefined;
    const ids = devices.map(() => makeMessageId('AUTHENTICATE', timeOrderedUuid(random, now), now));
    const request = ids[0] ?? '';
    const expiresAt = now + lifeOf(options.timeoutMillis);
    const dropped = new Set<string>();
    const rows = devices.map((device, index): PushMessage => {
      const id = ids[index] ?? '';
      const ring: Ring = { id, request, challenge: random.bytes(32), number, createdAt: now, expiresAt };
      if (isSuppressed) {
        return { ...this.#row(options, device, ring, undefined, 'none'), state: 'closed', reason: 'suppressed' };
      }
      const { envelope, lost } = this.#envelope(options, device, ring);
      for (const part of lost) dropped.add(part);
      const transport = this.#with.transports.find(this.#realm, device.communicationType);
      const delivery = transport === undefined ? 'failed' : transport.isPulled ? 'none' : 'queued';
      return this.#row(options, device, ring, envelope, delivery);
    });
    return { rows, request, expiresAt, dropped: [...dropped], number };
  }

  #row(
    { identity, pushType }: DraftedRequest,
    device: PushDevice,
    { id, request, challenge, number, createdAt, expiresAt }: Ring,
    envelope: PushEnvelope | undefined,
    delivery: PushMessage['delivery'],
  ): PushMessage {
    const expectedNumber = isOwnPhone(device) ? number?.expected : number?.tap?.expected;
    return {
      id,
      kind: 'AUTHENTICATE',
      request,
      realm: this.#realm,
      userId: identity.id,
      username: identity.username,
      journeyId: this.#submit.journeyId,
      deviceUuid: device.uuid,
      mechanismUid: device.mechanismUid,
      challenge,
      pushType,
      expectedNumber,
      state: 'pending',
      createdAt,
      expiresAt,
      attempts: 0,
      envelope,
      delivery,
    };
  }

  #envelope(
    { identity, text, user, pushType, timeoutMillis, payload, context }: PushRequestOptions,
    device: PushDevice,
    { id, challenge, number, createdAt, expiresAt }: Ring,
  ): { readonly envelope: PushEnvelope; readonly lost: readonly string[] } {
    const claims = pushClaims({
      mechanismUid: device.mechanismUid,
      challenge,
      loadBalancerCookie: this.#with.loadBalancerCookie,
      text: messageText(text, { user, issuer: device.issuer }),
      pushType,
      createdAt,
      messageTimeout: lifeOf(timeoutMillis),
      userId: identity.username,
      customAttributes: payload,
      context: context && cleanContext(context),
      digits: isOwnPhone(device) ? number?.digits : undefined,
      choices: isOwnPhone(device) ? undefined : number?.tap?.choices,
    });
    const communicationType = device.communicationType as CommunicationType;
    const fitted = fitToProvider(claims, { messageId: id, pushType, communicationType });
    const envelope: PushEnvelope = {
      communicationType,
      communicationId: device.communicationId,
      messageId: id,
      jwt: signJsonHs256(fitted.json, device.secret),
      text: shownText(fitted.claims),
      pushType,
      expiresAt,
    };
    return { envelope, lost: fitted.dropped };
  }

  /** Over the limit: the journey goes on as if it had been sent, and nobody can answer (SEC-25, SEC-26). */
  #pretend({ identity, devices }: PushRequestOptions, draft: Draft): PushRequestResult {
    this.#open(draft.rows);
    const at = this.#with.clock.now();
    this.#submit.stage(auditIn(this.#submit, at, 'THROTTLED', { userId: identity.id, outcome: 'push' }));
    // The phones look again, as they do after a request that was sent; what rings there goes on ringing.
    this.#submit.afterCommit(() => {
      for (const { communicationId } of devices) this.#with.hints.publish(relayHint(communicationId));
      this.#with.hints.publish(newestHint(identity.id));
    });
    return this.#sent(devices, draft);
  }

  #sendAfterCommit({ identity, devices }: PushRequestOptions, draft: Draft): PushRequestResult {
    this.#counters.countSend(identity.id, this.#with.clock.now());
    this.#open(draft.rows);
    for (const change of this.#sentAudit(draft)) this.#submit.stage(change);
    this.#submit.afterCommit(() => {
      this.#with.dispatcher.dispatch(draft.rows);
      this.#with.hints.publish(newestHint(identity.id));
    });
    return this.#sent(devices, draft);
  }

  /** Only with the node's `captureFailure`: the outcome depends on what the provider says of a committed message. */
  async #sendAndWait({ identity, devices }: PushRequestOptions, draft: Draft): Promise<PushRequestResult> {
    for (let attempt = 1; ; attempt += 1) {
      const counted = this.#counters.sendChange(identity.id, this.#with.clock.now());
      const open = { type: 'push.open', rows: draft.rows } satisfies MessageChange;
      if (await this.#submit.commitNow([open, counted, ...this.#sentAudit(draft)])) {
        this.#counters.wasCommitted(counted);
        break;
      }
      if (attempt >= MAX_ATTEMPTS) return { status: 'refused', cause: 'Busy' };
      await this.#counters.reload(identity.id);
    }
    this.#own.opened(draft.rows);
    this.#with.hints.publish(newestHint(identity.id));
    const results = await this.#with.dispatcher.sendNow(draft.rows, PROVIDER_WAIT_MILLIS);
    const failures = results.filter((result) => result.status === 'failed');
    // A phone that has not answered yet, or one that got it, is enough to go on.
    const [failure] = failures;
    if (failure === undefined || failures.length < devices.length) return this.#sent(devices, draft);
    this.#submit.stage({ type: 'push.close', request: draft.request, reason: 'undelivered' } satisfies MessageChange);
    return { status: 'refused', cause: failure.cause };
  }

  #sent(devices: readonly PushDevice[], { request, expiresAt, number }: Draft): PushRequestResult {
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

  #sentAudit({ rows, request, dropped }: Draft) {
    const [first] = rows;
    const detail = {
      message: messageIdHash(request),
      devices: rows.length,
      ...(dropped.length > 0 && { dropped: dropped.join(' ') }),
    };
    const facts = { detail, ...(first && { userId: first.userId }) };
    return [auditIn(this.#submit, this.#with.clock.now(), 'PUSH_SENT', facts)];
  }

  #open(rows: readonly PushMessage[]): void {
    const [first] = rows;
    if (first === undefined) return;
    this.#own.opened(rows);
    this.#submit.stage({ type: 'push.open', rows } satisfies MessageChange);
  }

  #audit(event: string, row: PushMessage): void {
    const detail = { message: messageIdHash(row.request) };
    this.#submit.stage(auditIn(this.#submit, this.#with.clock.now(), event, { userId: row.userId, detail }));
  }

  get #own() {
    return ownMessages(this.#submit);
  }

  get #realm(): string {
    return this.#submit.realm.realm;
  }
}

/** As much of a request as its rows say. */
type DraftedRequest = Pick<PushRequestOptions, 'devices' | 'pushType' | 'timeoutMillis'> & {
  readonly identity: Pick<Identity, 'id' | 'username'>;
};

/** What a request is to one of the phones. */
interface Ring {
  readonly id: string;
  readonly request: string;
  readonly challenge: Uint8Array;
  readonly number: NumberChallenge | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
}

interface Draft {
  readonly rows: readonly PushMessage[];
  readonly request: string;
  readonly expiresAt: number;
  readonly dropped: readonly string[];
  readonly number: NumberChallenge | undefined;
}

/** What a browser says of itself goes onto a phone's screen (SEC-14). */
function cleanContext({ remoteIp, userAgent, location }: NonNullable<PushRequestOptions['context']>) {
  return { remoteIp: remoteIp && cleanText(remoteIp), userAgent: userAgent && cleanText(userAgent), location };
}
