import { randomInt } from 'node:crypto';
import { type Exchange, fail, refuse, reply } from './http.ts';
import { type FloorJourney, inputOf, type Journeys, type SubmittedStep } from './journeys.ts';
import { type Answer, auditName, type Phones } from './phones.ts';
import type { Changes, Device, FloorStore, JourneyState, Message, RequestStatus } from './store.ts';
import { draw, Mac, sign, timeId } from './wire.ts';

const NAME = 'BenchPush';
const MINUTE = 60_000;
const MESSAGE_MILLIS = 10 * MINUTE;
/** Messages since the last success that a user's phones get (SEC-25). */
const SEND_LIMITS = [
  [MINUTE, 3],
  [10 * MINUTE, 6],
  [24 * 60 * MINUTE, 20],
] as const;

const waitStep = ({ number }: JourneyState): string =>
  `"callbacks":[{"type":"PollingWaitCallback","output":[{"name":"waitTime","value":"5000"},{"name":"message","value":"On your phone, type ${number}."}]},{"type":"HiddenValueCallback","output":[{"name":"value","value":"${number}"},{"name":"id","value":"pushChallengeNumber"}],"input":[{"name":"IDToken2","value":"pushChallengeNumber"}]},{"type":"ConfirmationCallback","output":[{"name":"prompt","value":""},{"name":"messageType","value":0},{"name":"options","value":["Cancel"]},{"name":"optionType","value":-1},{"name":"defaultOption","value":0}],"input":[{"name":"IDToken3","value":100}]}]}`;

/**
 * The floor of P6: what design.md asks of a push login in five requests.
 *
 * | request     | reads                           | commit (design.md §3, §4)                                          |
 * | ----------- | ------------------------------- | ------------------------------------------------------------------ |
 * | start       | none                            | none (decision 1)                                                  |
 * | credentials | user with phones, 3 counters    | journey with its submit (SEC-39), message of each phone, which     |
 * |             |                                 | supersedes, count of sends (SEC-25), lock seen again, 2 audit rows |
 * | then        |                                 | the phone is told over its stream (§3.1)                           |
 * | poll        | journey, messages               | none: the same step                                                |
 * | answer      | message, phone                  | answer where it is pending, 1 audit row; a bad proof is counted    |
 * | then        | messages                        | the phones are told that it is over                                |
 * | poll        | journey, messages               | journey ended, messages consumed, phone seen, 2 counters cleared,  |
 * |             |                                 | user looked at again (SEC-58), session, 2 audit rows               |
 */
export const floorLogin = (store: FloorStore, journeys: Journeys, phones: Phones) => {
  const messageTo = (device: Device, username: string, number: string, now: number): Omit<Message, 'request'> => {
    const id = `AUTHENTICATE:${timeId(now)}${now}`;
    const challenge = draw(32).toString('base64');
    const name = JSON.stringify(username).slice(1, -1);
    const jwt = sign(
      new Mac(device.secret),
      `{"u":"${device.mechanismUid}","l":"YW1sYmNvb2tpZT0wMQ==","c":"${challenge}","m":"Is this you? ${name} is signing in to Assent.","k":"challenge","i":"${now}","t":"600","d":"${name}","p":"{}","x":"{\\"remoteIp\\":\\"127.0.0.1\\"}","x_len":"6"}`,
    );
    const status = { id, userId: device.userId, journeyId: '', deviceUuid: device.uuid, state: 'pending' as const };
    return { ...status, createdAt: now, expiresAt: now + MESSAGE_MILLIS, attempts: 0, challenge, number, jwt };
  };

  /** Name and password: the phones ring, and the journey is stored for the first time. */
  const first = (exchange: Exchange, submit: SubmittedStep): void => {
    const counted = (userId: string | undefined) => [`push:${userId}`, `push-refused:${userId}`];
    const signedIn = journeys.signIn(exchange, NAME, submit, { needsPhone: true, counted });
    if (signedIn === undefined) return;
    const { now, transactionId } = exchange;
    const { user, guesses, stored } = signedIn;
    const [sends, refusals] = signedIn.counters;
    const { id: userId, username, credentialRev, devices } = user;
    const number = String(randomInt(100_000, 1_000_000));
    const drafts = devices.map((device) => messageTo(device, username, number, now));
    const request = drafts[0]?.id ?? '';
    const hits = sends?.hits ?? [];
    // Over the limit the journey goes on as if it had been sent (SEC-25).
    const isSuppressed =
      (refusals?.lockedUntil ?? 0) > now ||
      SEND_LIMITS.some(([millis, most]) => hits.filter((at) => at > now - millis).length >= most);
    const state = isSuppressed ? 'closed' : 'pending';
    const messages = drafts.map((it): Message => ({ ...it, request, journeyId: stored.id, state }));
    const journey = { ...stored, state: { username, userId, credentialRev, request, number } };
    const base = { at: now, transactionId, journey: NAME } as const;
    const detail = `{"message":"${auditName(request)}","devices":${devices.length}}`;
    const withdrawn: RequestStatus[] = [];
    const work = (to: Changes): boolean =>
      to.insertJourney(journey) &&
      to.audit({ ...base, event: 'JOURNEY_START' }) &&
      to.isUnlocked(guesses, now) &&
      (isSuppressed ||
        to.putCounter({ subject: `push:${userId}`, lockedUntil: 0, rev: 0, ...sends, hits: [...hits, now] })) &&
      to.openMessages(messages, withdrawn) &&
      to.audit({ ...base, event: isSuppressed ? 'THROTTLED' : 'PUSH_SENT', userId, detail });
    const then = (): void => {
      for (const it of withdrawn) phones.withdraw(it);
      if (!isSuppressed) for (const message of messages) phones.ring(message);
    };
    journeys.advance(exchange, submit, journey, work, { stepOf: waitStep, then });
  };

  /** The page asks again: the same step, or the end. */
  const next = (exchange: Exchange, { authId, reference, callbacks }: SubmittedStep): void => {
    const { now } = exchange;
    const journey = journeys.current(reference);
    const choice = inputOf(callbacks, 2, 'ConfirmationCallback');
    if (journey === undefined || choice === undefined) {
      fail(exchange);
      return;
    }
    const { request = '', userId } = journey.state;
    const rows = store.request(request).filter(({ journeyId }) => journeyId === journey.id);
    const isDenied = rows.some((it) => it.state === 'denied');
    const isApproved = rows.some((it) => it.state === 'approved' && now < it.expiresAt + 30_000);
    const isOver = rows.every(({ expiresAt }) => now >= expiresAt);
    const isFailed = choice === 0 || isDenied || (isOver && !isApproved);
    if (!isFailed && !isApproved) {
      journeys.show(exchange, authId, waitStep(journey.state));
      return;
    }
    const open = rows.filter(({ state }) => state !== 'consumed' && state !== 'closed');
    const work = (to: Changes): boolean =>
      to.consume(open) &&
      (isFailed ||
        (rows.every((it) => it.state !== 'approved' || to.touchDevice(it.deviceUuid, now)) &&
          to.clearCounters([`push:${userId}`, `push-refused:${userId}`])));
    journeys.finish(exchange, journey, work, { isSuccess: !isFailed, factor: 'AuthenticatorPush' });
  };

  /** The phone's yes or no. */
  const accept = (exchange: Exchange, { message, claims, answerHash }: Answer): void => {
    const { now, transactionId } = exchange;
    const { id, userId, deviceUuid } = message;
    const isRight = claims.deny !== true && String(claims.challengeResponse).trim() === message.number;
    const event = isRight ? 'PUSH_ANSWERED' : claims.deny === true ? 'PUSH_DENIED' : 'PUSH_NUMBER_MISMATCH';
    const verdict = isRight ? 'approved' : 'denied';
    const detail = `{"message":"${auditName(id)}","device":"${deviceUuid}"}`;
    const work = (to: Changes): boolean => {
      if (!to.answer(id, verdict, now, answerHash)) return false;
      if (!isRight) {
        const subject = `push-refused:${userId}`;
        const [counter] = store.counters([subject]);
        const hits = [...(counter?.hits ?? []).filter((at) => at > now - 60 * MINUTE), now];
        const lockedUntil = hits.length >= 2 ? now + 60 * MINUTE : 0;
        if (!to.putCounter({ subject, hits, lockedUntil, rev: counter?.rev ?? 0 })) return false;
      }
      return to.audit({ at: now, transactionId, journey: NAME, event, userId, outcome: verdict, detail });
    };
    store.commit(work, (committed) => {
      if (committed) reply(exchange, 200, '{}');
      else refuse(exchange);
      if (committed) for (const it of store.request(message.request)) phones.withdraw(it);
    });
  };

  return {
    journey: { name: NAME, first, next } satisfies FloorJourney,
    answered: phones.answered(({ id, deviceUuid }) => {
      return id.startsWith('AUTHENTICATE:') ? store.device(deviceUuid)?.secret : undefined;
    }, accept),
  };
};
