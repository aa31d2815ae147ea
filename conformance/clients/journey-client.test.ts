import {
  callbackType,
  type JourneyClient,
  type JourneyStep,
  journey,
  type NameCallback,
  type PasswordCallback,
} from '@forgerock/journey-client';
import { Device } from '@forgerock/journey-client/device';
import { QRCode } from '@forgerock/journey-client/qr-code';
import { RecoveryCodes } from '@forgerock/journey-client/recovery-codes';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { allowOrigins } from '../support/administrator.ts';
import type { CallbackMethods, ClientAnswer, ClientStep } from './client.ts';
import { describeClientWalks } from './client-walks.ts';
import { APP, type ClientWorld, openPage, PASSWORD, startClientWorld } from './client-world.ts';

// The unmodified npm package, as a page of another origin runs it (spec: journeys-rest §8).

type Answer = Awaited<ReturnType<JourneyClient['start']>>;

const stepOf = (client: JourneyClient, step: JourneyStep): ClientStep => ({
  kind: 'step',
  authId: step.payload.authId ?? '',
  types: step.callbacks.map((callback) => callback.getType()),
  callbacks: <Type extends keyof CallbackMethods>(type: Type) =>
    step.getCallbacksOfType(callbackType[type]) as unknown as CallbackMethods[Type][],
  setupCode: () => (QRCode.isQRCodeStep(step) ? QRCode.getQRCodeData(step) : undefined),
  shownCodes: () =>
    RecoveryCodes.isDisplayStep(step)
      ? { codes: RecoveryCodes.getCodes(step), deviceName: RecoveryCodes.getDeviceName(step) }
      : undefined,
  next: async () => answerOf(client, await client.next(step)),
});

const answerOf = (client: JourneyClient, answer: Answer): ClientAnswer => {
  if ('error' in answer) throw new Error(`${answer.error}: ${answer.message}`);
  if (answer.type === 'Step') return stepOf(client, answer);
  if (answer.type === 'LoginSuccess') {
    const [token, successUrl, realm] = [answer.getSessionToken(), answer.getSuccessUrl(), answer.getRealm()];
    return { kind: 'success', token, successUrl, realm };
  }
  return {
    kind: 'failure',
    code: answer.getCode(),
    reason: answer.getReason(),
    message: answer.getMessage(),
    detail: answer.getDetail(),
    processedMessage: answer.getProcessedMessage(),
  };
};

let world: ClientWorld;
beforeAll(async () => {
  world = await startClientWorld();
  await world.server.control('realm', { realm: '/alpha' });
  await world.server.control('user', { username: 'ada', password: PASSWORD, realm: '/alpha' });
  await allowOrigins(world.server, [APP], '/alpha');
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await world?.close();
});

describeClientWalks(
  '@forgerock/journey-client',
  () => world,
  async (am) => {
    const wellknown = `${am}/oauth2/realms/root/.well-known/openid-configuration`;
    const client = await journey({ config: { serverConfig: { wellknown } } });
    return {
      start: async (name, query) => answerOf(client, await client.start({ journey: name, ...(query && { query }) })),
      deviceProfile: (wanted) => new Device(undefined, 'error').getProfile(wanted),
      async logOut() {
        const problem = await client.terminate();
        if (problem) throw new Error(problem.message);
      },
    };
  },
);

describe('@forgerock/journey-client', () => {
  const setUp = (realmPath: string): Promise<JourneyClient> =>
    journey({
      config: { serverConfig: { wellknown: `${world.am}/oauth2/${realmPath}/.well-known/openid-configuration` } },
      logger: { level: 'none' },
    });

  test('of a page whose origin is not listed does not start', async () => {
    const page = openPage('http://localhost:5174');
    await expect(setUp('realms/root')).rejects.toThrow('Failed to fetch');
    expect(page.refused).toHaveLength(1);
  });

  test('of a realm that does not exist does not start', async () => {
    openPage();
    await expect(setUp('realms/root/realms/nowhere')).rejects.toThrow('Well-known configuration fetch failed');
  });

  test.each(['alpha', 'realms/root/realms/alpha'])(
    'finds the journeys of a realm from oauth2/%s',
    async (realmPath) => {
      const page = openPage();
      const client = await setUp(realmPath);
      const step = await client.start({ journey: 'Login' });
      if (!('type' in step) || step.type !== 'Step') throw new Error(`A step was expected: ${JSON.stringify(step)}`);
      step.getCallbackOfType<NameCallback>(callbackType.NameCallback).setName('ada');
      step.getCallbackOfType<PasswordCallback>(callbackType.PasswordCallback).setPassword(PASSWORD);
      expect(await client.next(step)).toMatchObject({ type: 'LoginSuccess', payload: { realm: '/alpha' } });
      expect(await client.terminate()).toBeUndefined();
      expect(page.cookie('iPlanetDirectoryPro')).toBeUndefined();
      expect(page.refused).toEqual([]);
    },
  );
});
