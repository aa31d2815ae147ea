import { randomBytes, randomUUID } from 'node:crypto';
import { type Exchange, fail, refuse, reply } from './http.ts';
import { type FloorJourney, inputOf, type Journeys, type SubmittedStep, typeOf } from './journeys.ts';
import { type Answer, auditName, type Phones } from './phones.ts';
import type { Changes, Claims, CodeRow, FloorStore, Message } from './store.ts';
import { draw, Mac, timeId } from './wire.ts';

const NAME = 'BenchRegistration';
const CODE_MILLIS = 60_000;
const MAX_DEVICES = 5;
const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const ASK =
  '"callbacks":[{"type":"TextOutputCallback","output":[{"name":"message","value":"Default message"},{"name":"messageType","value":"0"}]},{"type":"ConfirmationCallback","output":[{"name":"prompt","value":""},{"name":"messageType","value":0},{"name":"options","value":["Yes","No"]},{"name":"optionType","value":-1},{"name":"defaultOption","value":1}],"input":[{"name":"IDToken2","value":1}]}]}';
const codeStep = (uri: string): string => {
  const escaped = uri.replace(/\W/g, (it) => `\\\\x${it.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return `"callbacks":[{"type":"TextOutputCallback","output":[{"name":"message","value":"Scan this code with the authenticator on your phone."},{"name":"messageType","value":"0"}]},{"type":"TextOutputCallback","output":[{"name":"message","value":"window.QRCodeReader.createCode({\\n    id: 'callback_0',\\n    text: '${escaped}',\\n    version: '20',\\n    code: 'L'\\n});"},{"name":"messageType","value":"4"}]},{"type":"HiddenValueCallback","output":[{"name":"value","value":"${uri}"},{"name":"id","value":"mfaDeviceRegistration"}],"input":[{"name":"IDToken3","value":"mfaDeviceRegistration"}]},{"type":"PollingWaitCallback","output":[{"name":"waitTime","value":"2000"},{"name":"message","value":""}]}]}`;
};

const base64Url = (text: string): string => Buffer.from(text).toString('base64url');
/** Left out where the alphabets of phones disagree about it. */
const safe = (name: string, text: string): string =>
  /[-_]/.test(base64Url(text)) ? '' : `&${name}=${base64Url(text)}`;

/** What the code says (spec: push-protocol §1). */
const uriOf = ({ id, secret = '', challenge, deviceUuid }: Message, username: string, port: number): string => {
  const address = `http://localhost:${port}/am/json/push/sns/message?_action=`;
  const user = `${safe('uid', username)}${safe('d', username)}${safe('pid', deviceUuid)}`;
  const bytes = `&s=${secret}&c=${Buffer.from(challenge, 'base64').toString('base64url')}`;
  const addresses = `&r=${base64Url(`${address}register`)}&a=${base64Url(`${address}authenticate`)}`;
  return `pushauth://push/ForgeRock:${encodeURIComponent(username)}?l=YW1sYmNvb2tpZT0wMQ&issuer=Rm9yZ2VSb2Nr&m=${id}${bytes}${addresses}${user}&b=032b75`;
};

/** What a phone says of itself; undefined where it leaves something out. */
const claimsOf = (given: Record<string, unknown>): Claims | undefined => {
  const { mechanismUid, deviceId, deviceName, deviceType, communicationType } = given;
  const texts = [mechanismUid, deviceId, deviceName, deviceType];
  if (communicationType !== 'relay' || !texts.every((it) => typeof it === 'string' && it.length <= 256)) {
    return undefined;
  }
  const name = String(deviceName).replace(/\p{C}/gu, '').trim().slice(0, 64);
  return {
    ...{ mechanismUid: String(mechanismUid), deviceId: String(deviceId), deviceName: name },
    ...{ deviceType: String(deviceType), communicationType },
  };
};

/**
 * The floor of P7: what design.md asks of the registration of a phone in six requests.
 *
 * | request     | reads                       | commit (design.md §3, §4)                                             |
 * | ----------- | --------------------------- | --------------------------------------------------------------------- |
 * | start       | none                        | none (decision 1)                                                     |
 * | credentials | user with phones, 1 counter | journey with its submit (SEC-39), lock seen again, 1 audit row        |
 * | choice      | journey, user with phones   | message with key and challenge, journey with its submit, 1 audit row  |
 * | poll        | journey, message            | none: the same step                                                   |
 * | phone       | message                     | claims where it is pending, 1 audit row; a bad proof is counted. To   |
 * |             |                             | the disk                                                              |
 * | poll        | journey, message, user with | journey ended, message consumed, phone below the limit (SEC-12), flag |
 * |             | phones                      | of the user and where it is found by, 10 recovery codes as MACs       |
 * |             |                             | (decision 10), user looked at again (SEC-58), session, 4 audit rows.  |
 * |             |                             | To the disk                                                           |
 *
 * Key and challenge are in the sealed message and not in the state (ADR 3).
 */
export const floorRegistration = (store: FloorStore, journeys: Journeys, phones: Phones) => {
  const codeMac = new Mac(randomBytes(32));

  const newCodes = (userId: string): readonly CodeRow[] =>
    Array.from({ length: 10 }, () => {
      const code = Array.from(draw(16), (byte) => CODE_ALPHABET[byte & 31]).join('');
      const mac = (purpose: 'selector' | 'proof') => codeMac.of(`${purpose}\0${userId}\0push\0${code}`);
      return { selector: mac('selector').slice(0, 12), hash: mac('proof') };
    });

  const first = (exchange: Exchange, submit: SubmittedStep): void => {
    const signedIn = journeys.signIn(exchange, NAME, submit, { needsPhone: false });
    if (signedIn === undefined) return;
    const { now, transactionId } = exchange;
    const { user, guesses, stored } = signedIn;
    const { id: userId, username, credentialRev } = user;
    const journey = { ...stored, state: { username, userId, credentialRev } };
    const work = (to: Changes): boolean =>
      to.insertJourney(journey) &&
      to.audit({ at: now, transactionId, journey: NAME, event: 'JOURNEY_START' }) &&
      to.isUnlocked(guesses, now);
    journeys.advance(exchange, submit, journey, work, { stepOf: () => ASK });
  };

  const next = (exchange: Exchange, submit: SubmittedStep): void => {
    const { request } = store.journey(submit.reference.sessionId)?.state ?? {};
    if (request === undefined || typeOf(submit.callbacks, 3) === undefined) choose(exchange, submit);
    else poll(exchange, submit);
  };

  /** Yes: a code to scan. */
  const choose = (exchange: Exchange, submit: SubmittedStep): void => {
    const { now, transactionId, port } = exchange;
    const { reference, callbacks } = submit;
    const choice = inputOf(callbacks, 1, 'ConfirmationCallback');
    const journey = store.journey(reference.sessionId);
    if (journey?.state === undefined || choice === undefined) {
      fail(exchange);
      return;
    }
    const { username, userId } = journey.state;
    const isRegistered = (store.user(username)?.devices.length ?? 1) > 0;
    if (choice !== 0 || isRegistered) {
      journeys.finish(exchange, { ...journey, nonce: reference.otk, state: journey.state }, () => true, {
        isSuccess: choice === 0,
      });
      return;
    }
    const id = `REGISTER:${timeId(now)}${now}`;
    const message: Message = {
      ...{ id, request: id, userId, journeyId: journey.id, deviceUuid: randomUUID(), state: 'pending' },
      ...{ createdAt: now, expiresAt: now + CODE_MILLIS, attempts: 0, number: '', jwt: '' },
      ...{ challenge: draw(32).toString('base64'), secret: draw(32).toString('base64url') },
    };
    const after = { ...journeys.stored(exchange, NAME, submit), state: { ...journey.state, request: id } };
    const detail = `{"message":"${auditName(id)}"}`;
    const work = (to: Changes): boolean =>
      to.openRegistration(message) &&
      to.audit({ at: now, transactionId, journey: NAME, event: 'REG_START', userId, detail }) &&
      to.advanceJourney(after, reference.otk);
    const stepOf = ({ request = '' }): string => {
      const shown = request === id ? message : store.message(request);
      return shown === undefined ? '' : codeStep(uriOf(shown, username, port));
    };
    journeys.advance(exchange, submit, after, work, { stepOf });
  };

  /** The page asks again: the same code, or the end. */
  const poll = (exchange: Exchange, { authId, reference, callbacks }: SubmittedStep): void => {
    const { now, transactionId, port } = exchange;
    const journey = journeys.current(reference);
    const message = store.message(journey?.state.request ?? '');
    const isAsked = typeOf(callbacks, 3) === 'PollingWaitCallback' && message?.journeyId === journey?.id;
    if (journey === undefined || message === undefined || !isAsked) {
      fail(exchange);
      return;
    }
    const { username, userId } = journey.state;
    if (message.state === 'pending' && now < message.expiresAt) {
      journeys.show(exchange, authId, codeStep(uriOf(message, username, port)));
      return;
    }
    const { claims, secret = '', deviceUuid: uuid } = message;
    const user = store.user(username);
    const isApproved = message.state === 'approved' && now < message.expiresAt + 30_000;
    if (!isApproved || claims === undefined || user === undefined || user.devices.length > 0) {
      journeys.finish(exchange, journey, (to) => to.consume([message]), { isSuccess: false });
      return;
    }
    const device = { uuid, userId, mechanismUid: claims.mechanismUid, secret: Buffer.from(secret, 'base64url') };
    const codes = newCodes(userId);
    const base = { at: now, transactionId, journey: NAME, userId } as const;
    const work = (to: Changes): boolean =>
      to.addDevice(device, claims, MAX_DEVICES) &&
      to.consume([message]) &&
      to.setFlag(userId, user.rev, 'push2faEnabled', '2') &&
      to.audit({ ...base, event: 'DEVICE_ADD', detail: `{"device":"${uuid}","type":"relay","ownKey":false}` }) &&
      to.replaceCodes(userId, codes) &&
      to.audit({ ...base, event: 'RECOVERY_CREATED', detail: '{"type":"push"}' });
    journeys.finish(exchange, journey, work, { isSuccess: true, durable: true });
  };

  /** The phone has scanned the code. */
  const accept = (exchange: Exchange, { message, claims: given, answerHash }: Answer): void => {
    const { now, transactionId } = exchange;
    const { id, userId, deviceUuid } = message;
    const claims = claimsOf(given);
    if (claims === undefined) {
      refuse(exchange);
      return;
    }
    const verdict = given.deny === true ? 'denied' : 'approved';
    const detail = `{"message":"${auditName(id)}","device":"${deviceUuid}"}`;
    const work = (to: Changes): boolean =>
      to.answer(id, verdict, now, answerHash, claims) &&
      to.audit({ at: now, transactionId, journey: NAME, event: 'REG_CLAIM', userId, outcome: verdict, detail });
    store.commit(work, (committed) => (committed ? reply(exchange, 200, '{}') : refuse(exchange)), true);
  };

  return {
    journey: { name: NAME, first, next } satisfies FloorJourney,
    answered: phones.answered(({ secret }) => {
      return secret === undefined ? undefined : Buffer.from(secret, 'base64url');
    }, accept),
  };
};
