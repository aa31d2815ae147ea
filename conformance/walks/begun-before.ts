import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { Phone } from '../support/phone.ts';
import { Login } from './login.ts';
import {
  BY_PHONE,
  BY_RECOVERY_CODE,
  enrol,
  expectCodeToScan,
  expectFailure,
  expectOptions,
  expectRecoveryCodeField,
  expectRecoveryCodes,
  expectSession,
  expectSignIn,
  expectSuccess,
  expectWait,
  OPTION,
  passPassword,
  reachOptions,
  reachRecoveryCode,
  TIMED_OUT,
} from './steps.ts';
import { newWalker, sessionProperties, urlIn, type Walker, type World } from './world.ts';

/** What somebody has begun at a server, and what has to become of it where that server goes on elsewhere, with the same data. */
export interface Begun {
  readonly title: string;
  /** Up to the middle; what it resolves to is the rest. */
  begin(world: World): Promise<() => Promise<void>>;
}

export const JOURNEY = 'PushLogin';

const withPhone = async (world: World) => {
  const walker = await newWalker(world);
  return { walker, ...(await enrol(walker, JOURNEY)) };
};

/** A login that waits for the phone, with the request that is on it. */
const waiting = async (world: World) => {
  const { walker, phone } = await withPhone(world);
  const login = await passPassword(walker, JOURNEY);
  const number = expectWait(login);
  return { walker, phone, login, number, request: await phone.request() };
};

const accepted = async (answer: ReturnType<Phone['approve']>): Promise<void> => expect((await answer).status).toBe(200);

const isValid = async ({ world }: Walker, tokenId: string): Promise<unknown> => {
  const { body } = await world.send({
    method: 'POST',
    url: `${world.am}/json/realms/root/sessions?_action=validate`,
    headers: { 'accept-api-version': 'resource=2.1', iPlanetDirectoryPro: tokenId },
    body: {},
  });
  return body.valid;
};

const signedIn = async (walker: Walker): Promise<string> => {
  const login = await reachOptions(walker, JOURNEY);
  await login.press(OPTION.skip);
  return expectSuccess(login);
};

const APP = { client_id: 'demo-app', redirect_uri: 'http://localhost:5173/callback' };
const VERIFIER = 'v'.repeat(43);

/** The application that every new server knows, in the name of somebody who is signed in. */
class Application {
  readonly #provider: string;

  constructor({ world }: Walker) {
    this.#provider = `${world.am}/oauth2/realms/root`;
  }

  async code(session: string): Promise<string> {
    const query = new URLSearchParams({
      ...APP,
      response_type: 'code',
      scope: 'openid offline_access',
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const headers = { iplanetdirectorypro: session };
    const { headers: heard } = await fetch(`${this.#provider}/authorize?${query}`, { headers, redirect: 'manual' });
    return new URL(heard.get('location') ?? 'none:').searchParams.get('code') ?? '';
  }

  redeem(code: string) {
    return this.#ask({ grant_type: 'authorization_code', code, code_verifier: VERIFIER });
  }

  refresh(refreshToken: string) {
    return this.#ask({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  async userinfo(accessToken: string): Promise<number> {
    const headers = { authorization: `Bearer ${accessToken}` };
    return (await fetch(`${this.#provider}/userinfo`, { headers })).status;
  }

  async #ask(form: Readonly<Record<string, string>>) {
    const body = new URLSearchParams({ ...APP, ...form });
    const answer = await fetch(`${this.#provider}/access_token`, { method: 'POST', body });
    const { access_token, refresh_token, error } = (await answer.json()) as Readonly<Record<string, string>>;
    return { error, accessToken: access_token ?? '', refreshToken: refresh_token ?? '' };
  }
}

const SPENT = { error: 'invalid_grant' };

/** Each in another state, and of another kind of row. */
export const begunBefore: readonly Begun[] = [
  {
    title: 'a login that asks for name and password goes on with them',
    async begin(world) {
      const login = await Login.start(await newWalker(world), JOURNEY);
      expectSignIn(login);
      return async () => {
        await login.signIn();
        await login.tellDevice();
        expectOptions(login);
      };
    },
  },
  {
    title: 'a login that waits for the phone goes on waiting, and ends when the phone says yes',
    async begin(world) {
      const { phone, login, number, request } = await waiting(world);
      return async () => {
        expect((await phone.request()).messageId).toBe(request.messageId);
        await accepted(phone.approve(request, number));
        await login.repost();
        await expectSession(login, BY_PHONE);
      };
    },
  },
  {
    title: 'a yes of the phone that no page has taken is taken, once',
    async begin(world) {
      const { phone, login, number, request } = await waiting(world);
      await accepted(phone.approve(request, number));
      return async () => {
        await login.repost();
        await expectSession(login, BY_PHONE);
      };
    },
  },
  {
    title: 'a no of the phone stays a no, also where the phone says yes after it',
    async begin(world) {
      const { phone, login, number, request } = await waiting(world);
      await accepted(phone.deny(request));
      return async () => {
        await phone.approve(request, number);
        await login.repost();
        expectFailure(login);
      };
    },
  },
  {
    title: 'a login that has ended does not end again, by its last step or by the request of its phone',
    async begin(world) {
      const { phone, login, number, request } = await waiting(world);
      const step = { authId: login.authId, callbacks: login.callbacks };
      await accepted(phone.approve(request, number));
      await login.repost();
      expectSuccess(login);
      return async () => {
        expect(await login.postAside(step)).toMatchObject(TIMED_OUT);
        expect(await phone.pending()).toEqual([]);
      };
    },
  },
  {
    title: 'a setup code that is shown can be scanned, and its phone signs in',
    async begin(world) {
      const login = await reachOptions(await newWalker(world), JOURNEY);
      await login.press(OPTION.register);
      const code = expectCodeToScan(login);
      return async () => {
        const phone = new Phone(world);
        await accepted(phone.register(code));
        await login.repost();
        expectRecoveryCodes(login);
        await login.repost();
        await accepted(phone.approve(await phone.request(), expectWait(login)));
        await login.repost();
        await expectSession(login, BY_PHONE);
      };
    },
  },
  {
    title: 'a phone that was connected is asked, and a recovery code that was used is no more one',
    async begin(world) {
      const { walker, phone, codes } = await withPhone(world);
      const [used = '', unused = ''] = codes;
      const first = await reachRecoveryCode(walker, JOURNEY);
      await first.type(used);
      expectSuccess(first);
      return async () => {
        const login = await passPassword(walker, JOURNEY);
        await accepted(phone.approve(await phone.request(), expectWait(login)));
        await login.repost();
        await expectSession(login, BY_PHONE);
        const byCode = await reachRecoveryCode(walker, JOURNEY);
        await byCode.type(used);
        expectRecoveryCodeField(byCode);
        await byCode.type(unused);
        await expectSession(byCode, BY_RECOVERY_CODE);
      };
    },
  },
  {
    title: 'a session is good, and one that was ended is not',
    async begin(world) {
      const walker = await newWalker(world);
      const [kept, ended] = [await signedIn(walker), await signedIn(walker)];
      const url = urlIn(walker, 'sessions?_action=logout');
      await world.send({
        method: 'POST',
        url,
        headers: { 'accept-api-version': 'resource=2.1', iPlanetDirectoryPro: ended },
        body: {},
      });
      return async () => {
        expect(await sessionProperties(walker, kept)).toMatchObject({ Service: JOURNEY });
        expect([await isValid(walker, kept), await isValid(walker, ended)]).toEqual([true, false]);
      };
    },
  },
  {
    title: 'an application redeems the code that it was given, once',
    async begin(world) {
      const walker = await newWalker(world);
      const application = new Application(walker);
      const session = await signedIn(walker);
      const [unspent, spent] = [await application.code(session), await application.code(session)];
      await application.redeem(spent);
      return async () => {
        const { accessToken, error } = await application.redeem(unspent);
        expect([error, await application.userinfo(accessToken)]).toEqual([undefined, 200]);
        expect(await application.redeem(spent)).toMatchObject(SPENT);
        expect(await application.redeem(unspent)).toMatchObject(SPENT);
      };
    },
  },
  {
    title: 'tokens of an application are good and are refreshed, and a refresh token that was exchanged is not',
    async begin(world) {
      const walker = await newWalker(world);
      const application = new Application(walker);
      const session = await signedIn(walker);
      const first = await application.redeem(await application.code(session));
      const second = await application.refresh(first.refreshToken);
      return async () => {
        expect(await application.userinfo(second.accessToken)).toBe(200);
        const third = await application.refresh(second.refreshToken);
        expect([third.error, await application.userinfo(third.accessToken)]).toEqual([undefined, 200]);
        expect(await application.refresh(first.refreshToken)).toMatchObject(SPENT);
      };
    },
  },
];
