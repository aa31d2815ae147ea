import {
  CallbackType,
  Config,
  FRAuth,
  type FRCallback,
  FRDevice,
  FRLoginFailure,
  FRLoginSuccess,
  FRQRCode,
  FRRecoveryCodes,
  FRStep,
  FRUser,
  type NameCallback,
  OAuth2Client,
  type PasswordCallback,
  SessionManager,
} from '@forgerock/javascript-sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { allowOrigins } from '../support/administrator.ts';
import type { CallbackMethods, ClientAnswer, ClientStep } from './client.ts';
import { describeClientWalks } from './client-walks.ts';
import { APP, type ClientWorld, openPage, PASSWORD, startClientWorld } from './client-world.ts';

// The unmodified npm package, as a page of another origin runs it (spec: journeys-rest §8).

type Answer = Awaited<ReturnType<typeof FRAuth.next>>;

const stepOf = (step: FRStep): ClientStep => ({
  kind: 'step',
  authId: step.payload.authId ?? '',
  types: step.callbacks.map((callback: FRCallback) => callback.getType()),
  callbacks: <Type extends keyof CallbackMethods>(type: Type) =>
    step.getCallbacksOfType(CallbackType[type]) as unknown as CallbackMethods[Type][],
  setupCode: () => (FRQRCode.isQRCodeStep(step) ? FRQRCode.getQRCodeData(step) : undefined),
  shownCodes: () =>
    FRRecoveryCodes.isDisplayStep(step)
      ? { codes: FRRecoveryCodes.getCodes(step), deviceName: FRRecoveryCodes.getDeviceName(step) }
      : undefined,
  next: async () => answerOf(await FRAuth.next(step)),
});

const answerOf = (answer: Answer): ClientAnswer => {
  if (answer instanceof FRStep) return stepOf(answer);
  if (answer instanceof FRLoginSuccess) {
    const [token, successUrl, realm] = [answer.getSessionToken(), answer.getSuccessUrl(), answer.getRealm()];
    return { kind: 'success', token, successUrl, realm };
  }
  if (!(answer instanceof FRLoginFailure)) throw new Error('The SDK has a kind of answer that is not known here.');
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
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await world?.close();
});

describeClientWalks(
  '@forgerock/javascript-sdk',
  () => world,
  async (am) => {
    Config.set({ serverConfig: { baseUrl: `${am}/`, timeout: 20_000 }, realmPath: 'root', platformHeader: true });
    return {
      start: async (tree, query) => answerOf(await FRAuth.start({ tree, ...(query && { query }) })),
      deviceProfile: (wanted) => new FRDevice().getProfile(wanted),
      logOut: async () => {
        await SessionManager.logout();
      },
    };
  },
);

describe('@forgerock/javascript-sdk', () => {
  const signIn = async (user: string): Promise<Answer> => {
    const step = await FRAuth.start({ tree: 'Login' });
    if (!(step instanceof FRStep)) throw new Error(`A step was expected: ${JSON.stringify(step.payload)}`);
    step.getCallbackOfType<NameCallback>(CallbackType.NameCallback).setName(user);
    step.getCallbackOfType<PasswordCallback>(CallbackType.PasswordCallback).setPassword(PASSWORD);
    return FRAuth.next(step);
  };

  test('of a page whose origin is not listed gets no answer', async () => {
    const page = openPage('http://localhost:5174');
    Config.set({ serverConfig: { baseUrl: `${world.am}/` }, realmPath: 'root' });
    await expect(signIn('demo')).rejects.toThrow('Failed to fetch');
    expect(page.refused).toHaveLength(1);
  });

  test('learns every address from discovery, and signs in and out by them', async () => {
    const page = openPage();
    const wellknown = `${world.am}/oauth2/realms/root/.well-known/openid-configuration`;
    await Config.setAsync({ serverConfig: { wellknown }, realmPath: 'root' });
    expect(await signIn(await world.newUser())).toBeInstanceOf(FRLoginSuccess);
    expect(page.cookie('iPlanetDirectoryPro')).toBeDefined();
    await SessionManager.logout();
    expect(page.cookie('iPlanetDirectoryPro')).toBeUndefined();
    expect(page.refused).toEqual([]);
  });

  test('of an app on another site gets a token and no cookie, and sends it itself', async () => {
    const far = 'https://app.example.net';
    await allowOrigins(world.server, [APP, far]);
    const page = openPage(far);
    Config.set({ serverConfig: { baseUrl: `${world.am}/` }, realmPath: 'root' });
    const user = await world.newUser();
    const success = await signIn(user);
    if (!(success instanceof FRLoginSuccess)) throw new Error(`Success was expected: ${JSON.stringify(success)}`);
    expect(page.cookie('iPlanetDirectoryPro')).toBeUndefined();

    const sessions = (action: string) =>
      page.fetch(`${world.am}/json/realms/root/sessions?_action=${action}`, {
        method: 'POST',
        headers: { 'accept-api-version': 'resource=4.0', iPlanetDirectoryPro: success.getSessionToken() ?? '' },
      });
    expect(await (await sessions('getSessionInfo')).json()).toMatchObject({ username: user, realm: '/' });
    expect((await sessions('logout')).status).toBe(200);
    expect((await sessions('getSessionInfo')).status).toBe(401);
    expect(page.refused).toEqual([]);
  });

  describe('that is set up for tokens', () => {
    const setUp = () =>
      Config.set({
        serverConfig: { baseUrl: `${world.am}/` },
        realmPath: 'root',
        clientId: 'app',
        redirectUri: 'http://localhost:5173/callback',
        scope: 'openid',
      });

    test('in the name of an application that nobody registered is told so', async () => {
      const page = openPage();
      setUp();
      const tokens = OAuth2Client.getOAuth2Tokens({ authorizationCode: 'code', verifier: 'verifier' });
      await expect(tokens).rejects.toThrow('invalid_client: Client authentication failed');
      await expect(OAuth2Client.getUserInfo()).rejects.toThrow('received 401');
      expect(page.refused).toEqual([]);
    });

    test('ends its session all the same', async () => {
      const page = openPage();
      setUp();
      expect(await signIn(await world.newUser())).toBeInstanceOf(FRLoginSuccess);
      await FRUser.logout();
      expect(page.cookie('iPlanetDirectoryPro')).toBeUndefined();
      expect(page.refused).toEqual([]);
    });
  });
});
