import {
  authenticationClaims,
  type DeliveredMessage,
  type DenyReason,
  parseRelayList,
  registrationClaims,
} from '@assent/push/protocol';
import type { Channel, PushAccount, PushPart } from '../accounts/account.ts';
import { answerChallenge, makeDeviceKey, signByDeviceKey, signBySharedKey } from '../accounts/device-keys.ts';
import type { ServerClock } from './server-clock.ts';
import type { PushSetup } from './setup-code.ts';
import type { SignInRequest } from './sign-in-request.ts';

/** What every call needs; handed in, so that a test holds the network, the time and the chance. */
export interface CallIo {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: ServerClock;
  newId(): string;
  /** From 0 up to 1. */
  chance(): number;
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}

/** What the person decided. */
export type Decision =
  | { readonly kind: 'approve'; readonly number: string | undefined }
  | { readonly kind: 'deny'; readonly reason: DenyReason };

/** Where an answer ended up. `refused`: the request was no longer open. @see ux.md §3.3 */
export type AnswerOutcome = 'sent' | 'refused' | 'unsent';

const API_VERSION = 'resource=1.0, protocol=1.0';
const CALL_MILLIS = 30_000;
const REGISTER_TRIES = 4;

/**
 * Every call of the phone: no cookies, no redirects (SEC-29), and the server's time is learned from each answer.
 * Undefined where nothing came back.
 */
const call = async (io: CallIo, url: string, init: RequestInit): Promise<Response | undefined> => {
  try {
    const response = await io.fetch(url, { ...init, credentials: 'omit', cache: 'no-store', redirect: 'error' });
    io.clock.learn(response);
    return response;
  } catch {
    return undefined;
  }
};

const post = (io: CallIo, url: string, body: string): Promise<Response | undefined> =>
  call(io, url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-api-version': API_VERSION },
    body,
    // An answer that was given as the page went away still goes out.
    keepalive: true,
    signal: AbortSignal.timeout(CALL_MILLIS),
  });

/** Troubles that pass; 501 says that the server will never know this call. */
const mayPass = (response: Response | undefined): boolean =>
  response === undefined || response.status === 429 || (response.status >= 500 && response.status !== 501);

/** 0.5 s · 2ⁿ and up to a quarter more, 15 s at most, so that many phones do not come back at once. @see ux.md §3.3 */
export const backoffMillis = (io: Pick<CallIo, 'chance'>, failures: number): number =>
  Math.round(Math.min(500 * 2 ** (failures - 1), 15_000) * (1 + io.chance() / 4));

/** A connected account's half that answers sign-ins, or why there is none. */
export type Registration = { readonly push: PushPart } | { readonly problem: 'used' | 'no-service' | 'unreachable' };

/** Introduces this phone to the server: new ids, a new key, and the proof that the code was read. @see push-protocol.md §2.1 */
export const register = async (
  io: CallIo,
  { scanned, relayUrl, demandsVerification }: PushSetup,
  {
    sharedKey,
    deviceName,
    channel,
    wantsRing,
  }: {
    readonly sharedKey: CryptoKey;
    readonly deviceName: string;
    readonly channel: Channel;
    readonly wantsRing: boolean;
  },
): Promise<Registration> => {
  const { privateKey, publicJwk } = await makeDeviceKey();
  const mechanismUid = io.newId();
  const claims = registrationClaims({
    deviceId: channel.deviceId,
    deviceName,
    deviceType: 'web',
    communicationType: channel.type,
    mechanismUid,
    response: await answerChallenge(sharedKey, scanned.challenge),
    xKey: publicJwk,
  });
  const body = JSON.stringify({ messageId: scanned.messageId, jwt: await signBySharedKey(claims, sharedKey) });
  // A lost reply is repeated byte for byte; the server takes that for the same registration (design.md §3 decision 9).
  for (let tries = 1; ; tries += 1) {
    const response = await post(io, scanned.registerUrl, body);
    if (response?.status === 200) break;
    if (!mayPass(response)) return { problem: response?.status === 404 ? 'no-service' : 'used' };
    if (tries === REGISTER_TRIES) return { problem: 'unreachable' };
    await io.sleep(backoffMillis(io, tries));
  }
  return {
    push: {
      mechanismUid,
      deviceName,
      sharedKey,
      deviceKey: privateKey,
      registerUrl: scanned.registerUrl,
      authenticateUrl: scanned.authenticateUrl,
      relayUrl,
      userId: scanned.userId,
      channel,
      wantsRing,
      demandsVerification,
      lastAnswerAt: undefined,
    },
  };
};

/** The server allows five minutes (design.md §3.3 "iat"); below one, the time was not the reason for a refusal. */
const wasOff = ({ clock }: CallIo, offsetBefore: number): boolean => Math.abs(clock.offset() - offsetBefore) > 60_000;

const seconds = (millis: number): number => Math.floor(millis / 1_000);

/** The body of an answer, signed by this phone's own key for this one message and moment. @see design.md §3.1 */
export const answerBody = async (
  io: CallIo,
  { push }: PushAccount,
  { messageId, challenge }: SignInRequest,
  decision: Decision,
): Promise<string> => {
  const claims = authenticationClaims({
    response: await answerChallenge(push.sharedKey, challenge),
    ...(decision.kind === 'deny' && { deny: true, reason: decision.reason }),
    ...(decision.kind === 'approve' && decision.number !== undefined && { number: decision.number }),
    bound: { iat: seconds(io.clock.now()), jti: io.newId(), mid: messageId },
  });
  return JSON.stringify({ messageId, jwt: await signByDeviceKey(claims, push.deviceKey) });
};

/** Sends an answer to the address of the registration, the same bytes again and again until it arrives or is too late. */
export const sendAnswer = async (
  io: CallIo,
  account: PushAccount,
  request: SignInRequest,
  decision: Decision,
  /** Made beforehand where there may be no time to sign any more. */
  made?: string,
): Promise<AnswerOutcome> => {
  let body = made ?? (await answerBody(io, account, request, decision));
  let isCorrected = false;
  for (let tries = 1; ; tries += 1) {
    const offset = io.clock.offset();
    const response = await post(io, account.push.authenticateUrl, body);
    if (response?.status === 200) return 'sent';
    if (!mayPass(response)) {
      // A clock that was wrong makes a signature of another time; with the right time it deserves one more try.
      if (isCorrected || !wasOff(io, offset)) return 'refused';
      isCorrected = true;
      body = await answerBody(io, account, request, decision);
      continue;
    }
    const left = request.expiresAt - io.clock.now();
    if (left <= 0) return 'unsent';
    await io.sleep(Math.min(backoffMillis(io, tries), left));
  }
};

/** Tells the server where to send this account's messages from now on. @see push-protocol.md §5 */
export const refreshChannel = async (io: CallIo, { push }: PushAccount, channel: Channel): Promise<boolean> => {
  const jwt = await signByDeviceKey(
    {
      deviceId: channel.deviceId,
      deviceName: push.deviceName,
      deviceType: 'web',
      communicationType: channel.type,
      iat: seconds(io.clock.now()),
      jti: io.newId(),
    },
    push.deviceKey,
  );
  const url = new URL(push.registerUrl);
  url.search = '?_action=refresh';
  const { mechanismUid, userId } = push;
  const body = { mechanismUid, ...(userId !== undefined && { username: userId }), jwt };
  return (await post(io, url.href, JSON.stringify(body)))?.status === 200;
};

/** What the relay said. `unknown`: it does not know this phone, or not yet. */
export type RelayAnswer<T> = { readonly value: T } | { readonly problem: 'unknown' | 'unreachable' };

/** What a phone says to the relay beside its answers. */
interface Said {
  readonly action: 'shown' | 'pause';
  readonly body: object;
}

const callRelay = async (
  io: CallIo,
  { push }: PushAccount,
  { accept, said, signal }: { readonly accept: string; readonly said?: Said; readonly signal: AbortSignal },
): Promise<Response | undefined> => {
  const { relayUrl, mechanismUid, deviceKey } = push;
  const url = new URL(relayUrl);
  url.searchParams.set('mechanismUid', mechanismUid);
  if (said !== undefined) url.searchParams.set('_action', said.action);
  const send = async (): Promise<Response | undefined> => {
    const claims = { iat: seconds(io.clock.now()), jti: io.newId(), mechanismUid, aud: relayUrl };
    const authorization = `Bearer ${await signByDeviceKey(claims, deviceKey)}`;
    return call(io, url.href, {
      method: said === undefined ? 'GET' : 'POST',
      headers: {
        accept,
        'accept-api-version': API_VERSION,
        authorization,
        ...(said !== undefined && { 'content-type': 'application/json' }),
      },
      ...(said !== undefined && { body: JSON.stringify(said.body) }),
      signal,
    });
  };
  const offset = io.clock.offset();
  const response = await send();
  // The 401 itself said what time it is; a token of that time may do.
  return response?.status === 401 && wasOff(io, offset) ? send() : response;
};

/** All messages that wait for this phone, oldest first. */
export const listWaiting = async (
  io: CallIo,
  account: PushAccount,
): Promise<RelayAnswer<readonly DeliveredMessage[]>> => {
  const signal = AbortSignal.timeout(CALL_MILLIS);
  const response = await callRelay(io, account, { accept: 'application/json', signal });
  if (response?.status === 401) return { problem: 'unknown' };
  if (response?.status !== 200) return { problem: 'unreachable' };
  const list = parseRelayList(await response.json().catch(() => undefined));
  return list.ok ? { value: list.value.messages } : { problem: 'unreachable' };
};

/** The relay's stream, for as long as the signal lets it live. */
export const openStream = async (
  io: CallIo,
  account: PushAccount,
  signal: AbortSignal,
): Promise<RelayAnswer<ReadableStream<Uint8Array>>> => {
  const response = await callRelay(io, account, { accept: 'text/event-stream', signal });
  if (response?.status === 401) return { problem: 'unknown' };
  const isStream = response?.headers.get('content-type')?.startsWith('text/event-stream') === true;
  return response?.status === 200 && isStream && response.body !== null
    ? { value: response.body }
    : { problem: 'unreachable' };
};

/** Tells the relay that a person has the request before them; nothing depends on its arrival. */
export const markShown = async (io: CallIo, account: PushAccount, messageId: string): Promise<void> => {
  await callRelay(io, account, {
    accept: 'application/json',
    said: { action: 'shown', body: { messageId } },
    signal: AbortSignal.timeout(CALL_MILLIS),
  });
};

/** Pauses requests to all phones of the account for an hour; false where the server was not reached. */
export const pauseRequests = async (io: CallIo, account: PushAccount): Promise<boolean> => {
  const response = await callRelay(io, account, {
    accept: 'application/json',
    said: { action: 'pause', body: {} },
    signal: AbortSignal.timeout(CALL_MILLIS),
  });
  return response?.status === 200;
};
