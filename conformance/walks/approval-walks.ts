import { expect } from 'vitest';
import { Login } from './login.ts';
import {
  BY_PHONE,
  enrol,
  expectFailure,
  expectSession,
  expectSignIn,
  expectSuccess,
  expectWait,
  reachWait,
} from './steps.ts';
import { BOTH, type Walk } from './walk.ts';
import { devicesOf, newWalker, sessionProperties } from './world.ts';

const ACCEPTED = { status: 200, body: {} };
const REFUSED = { status: 400, body: { code: 400, reason: 'Bad Request', message: 'Bad request.' } };

/** A phone that is there answers, or does not. */
export const approvalWalks: readonly Walk[] = [
  {
    title: 'A: a registered user approves, is signed in by AuthenticatorPush, and the device says when',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const [before] = await devicesOf(walker);
      await world.pass(60_000);

      const login = await reachWait(walker, journey);
      const number = expectWait(login);
      expect(await phone.approve(await phone.request(), number)).toMatchObject(ACCEPTED);
      await world.pass(5_000);
      await login.repost();

      await expectSession(login, BY_PHONE);
      const [after, ...others] = await devicesOf(walker);
      expect(others).toEqual([]);
      expect(after).toMatchObject({ uuid: before?.uuid, createdDate: before?.createdDate });
      expect(after?.lastAccessDate).toBeGreaterThan(before?.lastAccessDate ?? Number.POSITIVE_INFINITY);
      expect(await phone.pending()).toEqual([]);
    },
  },
  {
    title: 'A: an approval shows at the next poll, however early that is',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      await phone.approve(await phone.request(), expectWait(login));
      await login.repost();
      await expectSession(login, BY_PHONE);
    },
  },
  {
    title: 'the request tells the phone who signs in, from where, and what is to be done',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const { claims } = await phone.request();
      expect(claims.m).toContain(walker.username);
      expect(JSON.parse(String(claims.x))).toMatchObject({
        // To a kilometre, whatever the browser has said.
        location: { latitude: 48.14, longitude: 11.58 },
        remoteIp: expect.stringMatching(/^(::ffff:)?127\.0\.0\.1$|^::1$/),
        userAgent: 'Walker/1.0',
      });
      expect(claims.k).toBe(journey === 'PushLogin' ? 'challenge' : 'default');
      // Our phone asks for the number and must not learn it (SEC-22).
      expect(claims.n).toBeUndefined();
      expect(claims.x_len).toBe(journey === 'PushLogin' ? '6' : undefined);
      const number = expectWait(login);
      if (number !== undefined) expect(JSON.stringify(claims)).not.toContain(number);
    },
  },
  {
    title: 'a wrong password ends the journey before any phone rings',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await Login.start(walker, journey);
      expectSignIn(login);
      await login.signIn('not the password');
      expectFailure(login);
      expect(await phone.pending()).toEqual([]);
    },
  },
  {
    title: 'B: a registered user denies, and the journey fails',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      expect(await phone.deny(await phone.request(), 'not_me')).toMatchObject(ACCEPTED);
      await world.pass(5_000);
      await login.repost();
      expectFailure(login);
    },
  },
  {
    title: 'a deny beats an approve that no journey has taken yet (decision 8)',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const request = await phone.request();
      expect(await phone.approve(request, expectWait(login))).toMatchObject(ACCEPTED);
      expect(await phone.deny(request)).toMatchObject(ACCEPTED);
      await login.repost();
      expectFailure(login);
    },
  },
  {
    title: 'a deny after the sign-in undoes nothing, and an approve never undoes a deny',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const approved = await reachWait(walker, journey);
      const taken = await phone.request();
      await phone.approve(taken, expectWait(approved));
      await approved.repost();
      const token = expectSuccess(approved);
      expect(await phone.deny(taken)).toMatchObject(REFUSED);
      expect(await sessionProperties(walker, token)).toMatchObject({ NodeType: BY_PHONE });

      const denied = await reachWait(walker, journey);
      const refused = await phone.request();
      const number = expectWait(denied);
      await phone.deny(refused);
      expect(await phone.approve(refused, number)).toMatchObject(REFUSED);
      await denied.repost();
      expectFailure(denied);
    },
  },
  {
    title: 'number challenge: a wrong number is a denial',
    journeys: ['PushLogin'],
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const number = Number(expectWait(login));
      const wrong = number === 999_999 ? 100_000 : number + 1;
      await phone.approve(await phone.request(), String(wrong));
      await login.repost();
      expectFailure(login);
    },
  },
  {
    title: 'number challenge: an answer without the number never approves',
    journeys: ['PushLogin'],
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      await phone.approve(await phone.request());
      await login.repost();
      expectFailure(login);
    },
  },
  {
    title: 'number challenge: the right number may come as a JSON number, too',
    journeys: ['PushLogin'],
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      await phone.approve(await phone.request(), Number(expectWait(login)));
      await login.repost();
      await expectSession(login, BY_PHONE);
    },
  },
];
