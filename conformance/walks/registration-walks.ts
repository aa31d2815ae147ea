import { expect } from 'vitest';
import { Phone, readRegistrationUri } from '../support/phone.ts';
import {
  BY_PHONE,
  expectCodeToScan,
  expectFailure,
  expectGetApp,
  expectOptions,
  expectRecoveryCodes,
  expectSession,
  expectWait,
  OPTION,
  passPassword,
  reachOptions,
  reachWait,
} from './steps.ts';
import { BOTH, type Walk } from './walk.ts';
import { devicesOf, newWalker, skipSettingOf } from './world.ts';

const POLL = 2_000;
const REGISTRATION_TIMEOUT = 180_000;

/** A user without a phone. */
export const registrationWalks: readonly Walk[] = [
  {
    title: 'I: an unregistered user registers, keeps ten codes, and approves on the new phone',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const login = await reachOptions(walker, journey);
      expect(await devicesOf(walker)).toEqual([]);
      await login.press(OPTION.register);
      const uri = expectCodeToScan(login);
      const { authId } = login;
      await world.pass(POLL);
      await login.repost();
      expect(expectCodeToScan(login)).toBe(uri);
      expect(login.authId).toBe(authId);

      const phone = new Phone(world);
      expect(await phone.register(uri)).toMatchObject({ status: 200, body: {} });
      await world.pass(POLL);
      await login.repost();
      expectRecoveryCodes(login);
      expect(await devicesOf(walker)).toEqual([expect.objectContaining({ deviceName: 'Walking phone' })]);
      expect(await skipSettingOf(walker)).toBe('2');
      await login.repost();
      const number = expectWait(login);
      await phone.approve(await phone.request(), number);
      await login.repost();
      await expectSession(login, BY_PHONE);
      expect(await passPassword(walker, journey).then(expectWait)).toEqual(
        journey === 'PushLogin' ? expect.any(String) : undefined,
      );
    },
  },
  {
    title: 'I: a code that was used registers no second phone, and a stranger’s proof registers none',
    journeys: ['PushLogin'],
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const login = await reachOptions(walker, journey);
      await login.press(OPTION.register);
      const uri = expectCodeToScan(login);
      const secret = readRegistrationUri(uri).secret.toString('base64url');
      const guessed = uri.replace(secret, Buffer.alloc(32, 7).toString('base64url'));
      expect((await new Phone(world).register(guessed)).status).toBe(400);
      expect((await new Phone(world).register(uri)).status).toBe(200);
      expect((await new Phone(world).register(uri)).status).toBe(400);
      await login.repost();
      expectRecoveryCodes(login);
      expect(await devicesOf(walker)).toHaveLength(1);
    },
  },
  {
    title: 'J: the phone says no to the registration, and the journey fails',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const login = await reachOptions(walker, journey);
      await login.press(OPTION.register);
      const uri = expectCodeToScan(login);
      expect(await new Phone(world).denyRegistration(uri)).toMatchObject({ status: 200, body: {} });
      await world.pass(POLL);
      await login.repost();
      expectFailure(login);
      expect(await devicesOf(walker)).toEqual([]);
      expect(await skipSettingOf(walker)).toBeUndefined();
      expect((await new Phone(world).register(uri)).status).toBe(400);
    },
  },
  {
    title: 'K: nobody scans the code in time; the next one is new in every part, and the old one is dead',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      const login = await reachOptions(walker, journey);
      await login.press(OPTION.register);
      const uri = expectCodeToScan(login);
      const { authId } = login;
      for (let waited = POLL; waited < REGISTRATION_TIMEOUT; waited += POLL) {
        await world.pass(POLL);
        await login.repost();
        expect(login.authId).toBe(authId);
      }
      expect(expectCodeToScan(login)).toBe(uri);
      await world.pass(POLL);
      await login.repost();
      expectOptions(login);
      const { messageId } = readRegistrationUri(uri);
      expect(await login.log()).toContainEqual(
        expect.objectContaining({
          msg: `The push message with ID ${messageId} has timed out`,
          nodeType: 'PushRegistrationNode',
          journey,
        }),
      );

      await login.press(OPTION.register);
      const next = expectCodeToScan(login);
      const [old, fresh] = [readRegistrationUri(uri), readRegistrationUri(next)];
      expect(fresh.messageId).not.toBe(old.messageId);
      expect(fresh.secret).not.toEqual(old.secret);
      expect(fresh.challenge).not.toEqual(old.challenge);
      expect((await new Phone(world).register(uri)).status).toBe(400);
      expect((await new Phone(world).register(next)).status).toBe(200);
      await login.repost();
      expectRecoveryCodes(login);
    },
  },
  {
    title: 'K: a phone that was just in time is stored, even half a minute late',
    journeys: ['PushLogin'],
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      const login = await reachOptions(walker, journey);
      await login.press(OPTION.register);
      await world.pass(REGISTRATION_TIMEOUT - 1);
      expect((await new Phone(world).register(expectCodeToScan(login))).status).toBe(200);
      await world.pass(29_000);
      await login.repost();
      expectRecoveryCodes(login);
      expect(await devicesOf(walker)).toHaveLength(1);
    },
  },
  {
    title: 'L: the user looks where to get the app, and is asked again',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const login = await reachOptions(walker, journey);
      await login.press(OPTION.getApp);
      expectGetApp(login);
      await login.repost();
      expectOptions(login);
      await login.press(OPTION.getApp);
      expectGetApp(login);
      await login.press(0);
      expectOptions(login);
    },
  },
  {
    title: 'M: the user skips, and is asked again next time',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const login = await reachOptions(walker, journey);
      await login.press(OPTION.skip);
      await expectSession(login, undefined);
      expect(await devicesOf(walker)).toEqual([]);
      expect(await skipSettingOf(walker)).toBeUndefined();
      await reachOptions(walker, journey);
    },
  },
  {
    title: 'N and P: the user opts out, and is signed in straight after S2 from then on',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const login = await reachOptions(walker, journey);
      await login.press(OPTION.optOut);
      await expectSession(login, undefined);
      expect(await skipSettingOf(walker)).toBe('1');
      await expectSession(await passPassword(walker, journey), undefined);
    },
  },
  {
    title: 'skip and opt-out that were offered before a phone was registered are refused after (SEC-50)',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const [skipping, optingOut] = [await reachOptions(walker, journey), await reachOptions(walker, journey)];
      const registering = await reachOptions(walker, journey);
      await registering.press(OPTION.register);
      await new Phone(world).register(expectCodeToScan(registering));
      await registering.repost();
      expectRecoveryCodes(registering);

      await skipping.press(OPTION.skip);
      expectFailure(skipping);
      await optingOut.press(OPTION.optOut);
      expectFailure(optingOut);
      expect(await optingOut.log()).toContainEqual(
        expect.objectContaining({ nodeType: 'MultiFactorRegistrationOptionsNode', journey }),
      );
      expect(await skipSettingOf(walker)).toBe('2');
      await reachWait(walker, journey);
    },
  },
];
