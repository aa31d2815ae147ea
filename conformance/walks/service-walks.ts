import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { Phone, readPush, readRegistrationUri } from '../support/phone.ts';
import { Login } from './login.ts';
import {
  BY_PHONE,
  BY_RECOVERY_CODE,
  enrol,
  expectCodeToScan,
  expectFailure,
  expectRecoveryCodeField,
  expectRecoveryCodes,
  expectSession,
  expectWait,
  OPTION,
  passPassword,
  reachOptions,
  reachRecoveryCode,
  registerPhone,
} from './steps.ts';
import { BOTH, type Walk } from './walk.ts';
import { type LogLine, newWalker, steeringOf, type Walker, type World } from './world.ts';

const RELAY = { delegateFactory: 'relay' };
/** Stands for a service that somebody took away: a realm with a configuration that nothing can be sent with. */
const UNUSABLE = { delegateFactory: 'none' };
const AMAZON = {
  accessKey: 'AKIAWALKS',
  secret: 'walks-secret',
  appleEndpoint: 'arn:aws:sns:eu-central-1:000000000000:app/APNS/walks',
  googleEndpoint: 'arn:aws:sns:eu-central-1:000000000000:app/GCM/walks',
  region: 'eu-central-1',
};

/** A realm of the walk's own, so that its service can be changed. */
const newRealmWalker = async (world: World, service?: Readonly<Record<string, unknown>>): Promise<Walker> => {
  const realm = `/walk-${randomUUID().slice(0, 8)}`;
  await steeringOf(world).createRealm(realm);
  if (service !== undefined) await steeringOf(world).setPushService(realm, service);
  return newWalker(world, realm);
};

/** Looks again until it is there: what happens off the request path has no answer to wait for. */
const eventually = async <T>(look: () => Promise<T | undefined>, what: string): Promise<T> => {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Not within twenty seconds: ${what}.`);
};

const APP = { communicationType: 'gcm', hasKey: false, deviceName: 'Walking app' } as const;

/** What stands between the server and the phones is missing, fails, or is Amazon's. */
export const serviceWalks: readonly Walk[] = [
  {
    title: 'U: the push service is gone: the journey ends in error, and the log says why',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newRealmWalker(world, RELAY);
      await enrol(walker, journey);
      await steeringOf(world).setPushService(walker.realm, UNUSABLE);
      const login = await passPassword(walker, journey);
      expectFailure(login);
      expect(await login.log()).toContainEqual(
        expect.objectContaining({
          msg: 'AuthenticatorPush :: sendMessage() : Failed to transmit message through PushService.',
          journey,
          nodeType: 'PushAuthenticationSenderNode',
          nodeId: expect.any(String),
          realm: walker.realm,
        }),
      );
    },
  },
  {
    title: 'U: a realm without a push service lets nobody register, and the log says why',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newRealmWalker(world);
      const login = await reachOptions(walker, journey);
      await login.press(OPTION.register);
      expectFailure(login);
      expect(await login.log()).toContainEqual(
        expect.objectContaining({
          msg: 'Unable to read service addresses for Push Notification Service.',
          journey,
          nodeType: 'PushRegistrationNode',
          realm: walker.realm,
        }),
      );
    },
  },
  {
    title: 'U: a provider that is down lets the journey go on: to W, and from there out by a recovery code',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newRealmWalker(world, AMAZON);
      const enrolling = await reachOptions(walker, journey);
      const { codes } = await registerPhone(enrolling, APP);
      const digits = journey === 'PushLogin' ? /^\d{2}$/ : undefined;
      expectWait(enrolling, digits);

      await steeringOf(world).breakProvider();
      try {
        const login = await passPassword(walker, journey);
        expectWait(login, digits);
        const undelivered = await eventually(
          async () =>
            (await world.log()).find(
              ({ msg, realm }: LogLine) => msg === 'A push message was not delivered.' && realm === walker.realm,
            ),
          'the log says that the message was not delivered',
        );
        expect(undelivered).toMatchObject({ cause: expect.any(String) });
        await login.press(0);
        expectRecoveryCodeField(login);
        await login.type(codes[0] ?? '');
        await expectSession(login, BY_RECOVERY_CODE);
      } finally {
        await steeringOf(world).repairProvider();
      }
    },
  },
  {
    title: 'A: an official app is reached by its provider; with a number challenge it offers three to tap',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newRealmWalker(world, AMAZON);
      const login = await reachOptions(walker, journey);
      const { phone } = await registerPhone(login, APP);
      const number = expectWait(login, journey === 'PushLogin' ? /^\d{2}$/ : undefined);
      const { GCM } = await eventually(
        async () => (await steeringOf(world).delivered(phone.token))[0],
        'the provider has the message',
      );
      const { data } = GCM as { readonly data: { readonly message: string; readonly messageId: string } };
      const request = readPush(data.messageId, data.message);
      const choices = typeof request.claims.n === 'string' ? request.claims.n.split(',') : undefined;
      if (number === undefined) expect(choices).toBeUndefined();
      else {
        expect(choices).toHaveLength(3);
        expect(choices).toContain(number);
      }
      expect((await phone.approve(request, number)).status).toBe(200);
      await login.repost();
      await expectSession(login, BY_PHONE);
    },
  },
  {
    title: 'no password, code, key or token that a login met is in the log (SEC-79)',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const mistyped = await Login.start(walker, journey);
      await mistyped.signIn('Mistyped-secret-1');
      expectFailure(mistyped);

      const login = await reachOptions(walker, journey);
      await login.press(OPTION.register);
      const uri = expectCodeToScan(login);
      const phone = new Phone(world);
      await phone.register(uri);
      await login.repost();
      const codes = expectRecoveryCodes(login);
      await login.repost();
      const { authId } = login;
      const number = expectWait(login);
      const request = await phone.request();
      await phone.deny(request);
      // Refused, so that it is logged.
      expect((await phone.approve(request, number)).status).toBe(400);
      await login.repost();
      expectFailure(login);
      const byCode = await reachRecoveryCode(walker, journey);
      await byCode.type('Mistyped-code-1');
      await byCode.type(codes[0] ?? '');
      const token = await expectSession(byCode, BY_RECOVERY_CODE);

      const log = await world.log();
      expect(log.length).toBeGreaterThan(0);
      const text = JSON.stringify(log);
      const { secret } = readRegistrationUri(uri);
      for (const met of [
        walker.password,
        'Mistyped-secret-1',
        'Mistyped-code-1',
        ...codes,
        secret.toString('base64url'),
        secret.toString('base64'),
        secret.toString('hex'),
        request.challenge.toString('base64'),
        authId,
        token,
      ]) {
        expect(text).not.toContain(met);
      }
    },
  },
];
