import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS, type Persona } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { answerBody, type Decision, refreshBody } from '../messages/answers.ts';
import type { PushRequest } from '../messages/push-message.ts';
import { withAction } from '../messages/setup-code.ts';
import {
  backoffMillis,
  type CallIo,
  type CallResult,
  isOtherTime,
  isSuccess,
  post,
  postOrNothing,
  refusal,
} from './http-call.ts';

const REGISTER_TRIES = 4;

/** Sends the registration; our own phone repeats it byte for byte when the reply got lost (design.md decision 9). */
export async function sendRegistration(
  io: CallIo,
  persona: Persona,
  url: string,
  cookie: string | undefined,
  body: string,
): Promise<CallResult> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await postOrNothing(io, persona, url, cookie, body, persona.retries && attempt < REGISTER_TRIES);
    if (reply !== undefined) {
      if (isSuccess(reply, persona)) return reply;
      throw refusal(reply, 'This code was used or has run out.', 'get a new setup code on the page where you sign in');
    }
    await io.sleep(backoffMillis(io, attempt));
  }
}

/** Sends an answer to the address stored at registration, again and again until it arrives or the request runs out (ux.md 3.3). */
export async function sendAnswer(
  io: CallIo,
  request: PushRequest,
  decision: Decision,
  signal?: AbortSignal,
  onFirstFailure?: () => void,
): Promise<CallResult> {
  const persona = PERSONAS[request.account.persona];
  let offset = request.account.clockOffsetMillis;
  let body = answerBody(request, decision, { nowMillis: io.now() + offset, jti: io.randomUuid() });
  let isCorrected = false;

  for (let attempt = 1; ; attempt += 1) {
    const reply = await postOrNothing(
      io,
      persona,
      request.account.authenticateUrl,
      request.loadBalancerCookie,
      body,
      persona.retries,
    );
    if (reply !== undefined) {
      if (isSuccess(reply, persona)) return reply;
      if (persona.hasDeviceKey && !isCorrected && isOtherTime(reply.clockOffsetMillis, offset)) {
        offset = reply.clockOffsetMillis;
        isCorrected = true;
        body = answerBody(request, decision, { nowMillis: io.now() + offset, jti: io.randomUuid() });
        continue;
      }
      throw refusal(reply, 'This request is no longer open.', 'start the sign-in again');
    }
    if (attempt === 1) onFirstFailure?.();
    const left = request.expiresAt - (io.now() + offset);
    if (left <= 0 || signal?.aborted === true) {
      throw new PhoneError(
        'UNREACHABLE',
        'Could not send. It has run out.',
        'check the connection and start the sign-in again',
      );
    }
    await io.sleep(Math.min(backoffMillis(io, attempt), left), signal);
  }
}

/** Tells the server the token under which this phone can be rung from now on. */
export async function sendRefresh(io: CallIo, account: PushAccount, deviceId: string): Promise<CallResult> {
  const persona = PERSONAS[account.persona];
  const url = withAction(account.registerUrl, 'refresh');
  const cookie = persona.cookieOnRefresh ? account.loadBalancerCookie : undefined;
  const bodyAt = (offset: number): string =>
    refreshBody(account, deviceId, { nowMillis: io.now() + offset, jti: io.randomUuid() });
  let reply = await post(io, persona, url, cookie, bodyAt(account.clockOffsetMillis));
  if (
    !isSuccess(reply, persona) &&
    persona.hasDeviceKey &&
    isOtherTime(reply.clockOffsetMillis, account.clockOffsetMillis)
  ) {
    reply = await post(io, persona, url, cookie, bodyAt(reply.clockOffsetMillis));
  }
  if (isSuccess(reply, persona)) return reply;
  throw refusal(reply, 'The server did not take the new token.', 'register this phone again');
}
