import { join } from 'node:path';
import {
  CallbackType,
  Config,
  type ConfirmationCallback,
  type DeviceProfileCallback,
  FRAuth,
  FRDevice,
  FRLoginFailure,
  FRLoginSuccess,
  FRQRCode,
  FRRecoveryCodes,
  FRStep,
  type HiddenValueCallback,
  type NameCallback,
  type PasswordCallback,
  type PollingWaitCallback,
  SessionManager,
} from '@forgerock/javascript-sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BrowserFetch, browserFetch, memoryStorage } from './support/browser-fetch.ts';
import { assent, type ServerProcess, startServerProcess } from './support/server-process.ts';

// The unmodified npm package, as a page of another origin would run it (issue 2, done when 3; spec: journeys-rest §8).

const PAGE = 'http://localhost:5173';
const PASSWORD = 'correct horse 7';

let server: ServerProcess;
let page: BrowserFetch;

beforeAll(async () => {
  server = await startServerProcess({ env: { ASSENT_CORS_ORIGINS: PAGE } });
  vi.stubGlobal('localStorage', memoryStorage());
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

beforeEach(() => {
  vi.unstubAllGlobals();
  vi.stubGlobal('localStorage', memoryStorage());
  page = browserFetch(PAGE);
  vi.stubGlobal('fetch', page.fetch);
  Config.set({
    serverConfig: { baseUrl: `${server.am}/`, timeout: 20_000 },
    realmPath: 'root',
    tree: 'PushLogin',
    platformHeader: true,
  });
});

type Answer = Awaited<ReturnType<typeof FRAuth.next>>;

const asStep = (answer: Answer): FRStep => {
  if (answer instanceof FRStep) return answer;
  throw new Error(`A step was expected: ${JSON.stringify(answer.payload)}`);
};
const asFailure = (answer: Answer): FRLoginFailure => {
  if (answer instanceof FRLoginFailure) return answer;
  throw new Error(`A failure was expected: ${JSON.stringify(answer.payload)}`);
};
const asSuccess = (answer: Answer): FRLoginSuccess => {
  if (answer instanceof FRLoginSuccess) return answer;
  throw new Error(`Success was expected: ${JSON.stringify(answer.payload)}`);
};

const addUser = (name: string): Promise<string> =>
  assent(['user', 'create', name, '--data-dir', server.dataDir, '--password-stdin'], { stdin: PASSWORD });

const phoneOf = (name: string) => {
  const store = ['--store', join(server.scratch, `${name}.json`), '--json'];
  return {
    register: (uri: string) => assent(['phone', 'register', uri, ...store]),
    approve: (number: string) => assent(['phone', 'approve', '--number', number, ...store]),
    deny: () => assent(['phone', 'deny', ...store]),
  };
};

const credentials = async (name: string, password = PASSWORD): Promise<Answer> => {
  const step = asStep(await FRAuth.start());
  step.getCallbackOfType<NameCallback>(CallbackType.NameCallback).setName(name);
  step.getCallbackOfType<PasswordCallback>(CallbackType.PasswordCallback).setPassword(password);
  return FRAuth.next(step);
};

const afterProfile = async (name: string): Promise<FRStep> => {
  const step = asStep(await credentials(name));
  const callback = step.getCallbackOfType<DeviceProfileCallback>(CallbackType.DeviceProfileCallback);
  expect([callback.isMetadataRequired(), callback.isLocationRequired()]).toEqual([true, true]);
  const profile = await new FRDevice().getProfile({
    location: callback.isLocationRequired(),
    metadata: callback.isMetadataRequired(),
  });
  callback.setProfile(profile);
  return asStep(await FRAuth.next(step));
};

const confirm = (step: FRStep, option: number): Promise<Answer> => {
  step.getCallbackOfType<ConfirmationCallback>(CallbackType.ConfirmationCallback).setOptionIndex(option);
  return FRAuth.next(step);
};

const numberOf = (step: FRStep): string => {
  const hidden = step
    .getCallbacksOfType<HiddenValueCallback>(CallbackType.HiddenValueCallback)
    .find((it: HiddenValueCallback) => it.getOutputByName('id', '') === 'pushChallengeNumber');
  return hidden?.getOutputByName('value', '') ?? '';
};

/** Connects a phone; ends on the step that waits for it. */
const connectPhone = async (name: string): Promise<{ readonly waiting: FRStep; readonly codes: readonly string[] }> => {
  const options = await afterProfile(name);
  const setup = asStep(await confirm(options, 0));
  expect(FRQRCode.isQRCodeStep(setup)).toBe(true);
  const { uri, use, message } = FRQRCode.getQRCodeData(setup);
  expect(use).toBe('push');
  expect(message).not.toBe('');
  await phoneOf(name).register(uri);
  const display = asStep(await FRAuth.next(setup));
  expect(FRRecoveryCodes.isDisplayStep(display)).toBe(true);
  expect(FRRecoveryCodes.getDeviceName(display)).toMatch(/^Command line/);
  const codes = FRRecoveryCodes.getCodes(display);
  return { waiting: asStep(await FRAuth.next(display)), codes };
};

const signInWithPhone = async (name: string) => {
  const { waiting, codes } = await connectPhone(name);
  await phoneOf(name).approve(numberOf(waiting));
  return { waiting, codes, success: asSuccess(await FRAuth.next(waiting)) };
};

describe('what fails', () => {
  test('a wrong password is a failure with the fields that apps read', async () => {
    const failure = asFailure(await credentials('demo', 'wrong'));
    expect(failure.getCode()).toBe(401);
    expect(failure.getReason()).toBe('Unauthorized');
    expect(failure.getMessage()).toBe('Login failure');
    expect(failure.getDetail()).toEqual({ failureUrl: '' });
    expect(failure.getProcessedMessage()).toEqual([]);
  });

  test('a denied request is a failure', async () => {
    await addUser('denying');
    const { waiting } = await connectPhone('denying');
    await phoneOf('denying').deny();
    expect(asFailure(await FRAuth.next(waiting)).getCode()).toBe(401);
    expect(page.cookie('iPlanetDirectoryPro')).toBeUndefined();
  });

  test('a step of a journey that is over answers with error code 110', async () => {
    const step = asStep(await FRAuth.start());
    step.getCallbackOfType<NameCallback>(CallbackType.NameCallback).setName('demo');
    step.getCallbackOfType<PasswordCallback>(CallbackType.PasswordCallback).setPassword('wrong');
    asFailure(await FRAuth.next(step));
    const expired = asFailure(await FRAuth.next(step));
    expect(expired.getCode()).toBe(401);
    expect(expired.getMessage()).toBe('Session has timed out');
    expect(expired.getDetail()).toMatchObject({ errorCode: '110' });
  });

  test('a tree that does not exist is a failure and no exception', async () => {
    const failure = asFailure(await FRAuth.start({ tree: 'NoSuchTree' }));
    expect(failure.getCode()).toBe(400);
    expect(failure.getMessage()).toBe('No Configuration found');
  });
});

test('register, save the codes, approve with the number, sign out', async () => {
  await addUser('newcomer');
  const { waiting, codes, success } = await signInWithPhone('newcomer');
  expect(codes).toHaveLength(10);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
  expect(numberOf(waiting)).toMatch(/^\d{6}$/);
  const poll = waiting.getCallbackOfType<PollingWaitCallback>(CallbackType.PollingWaitCallback);
  expect(poll.getWaitTime()).toBe(5000);
  expect(poll.getMessage()).toContain(numberOf(waiting));

  expect(success.getSuccessUrl()).toBe('/am/console');
  expect(success.getRealm()).toBe('/');
  const token = success.getSessionToken();
  expect(token).toBe(page.cookie('iPlanetDirectoryPro'));

  const sessions = `${server.am}/json/realms/root/sessions/?_action=validate`;
  const validate = (): Promise<unknown> =>
    page
      .fetch(sessions, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'accept-api-version': 'resource=2.1' },
        body: JSON.stringify({ tokenId: token }),
      })
      .then((response) => response.json());
  expect(await validate()).toMatchObject({ valid: true, uid: 'newcomer', realm: '/' });
  expect((await SessionManager.logout()).status).toBe(200);
  expect(page.cookie('iPlanetDirectoryPro')).toBeUndefined();
  expect(await validate()).toEqual({ valid: false });
  expect(page.unreadable).toEqual([]);
});

test('a wait that nobody has answered is the same step again', async () => {
  await addUser('patient');
  const { waiting } = await connectPhone('patient');
  const polled = asStep(await FRAuth.next(waiting));
  expect(polled.payload.authId).toBe(waiting.payload.authId);
  expect(numberOf(polled)).toBe(numberOf(waiting));
});

test('a recovery code signs in once, and never again', async () => {
  await addUser('forgetful');
  const { codes } = await signInWithPhone('forgetful');
  await SessionManager.logout();
  const [code = ''] = codes;

  const enter = async (step: FRStep, text: string): Promise<Answer> => {
    step.getCallbackOfType<NameCallback>(CallbackType.NameCallback).setName(text);
    return FRAuth.next(step);
  };
  const first = asStep(await confirm(await afterProfile('forgetful'), 0));
  asSuccess(await enter(first, code.toLowerCase().replace(/(.{4})(?=.)/g, '$1-')));
  await SessionManager.logout();

  const again = asStep(await confirm(await afterProfile('forgetful'), 0));
  const second = asStep(await enter(again, code));
  const third = asStep(await enter(second, code));
  expect(asFailure(await enter(third, code)).getCode()).toBe(401);
});

describe('a page of another origin', () => {
  const preflight = (origin: string, path = '/json/realms/root/authenticate') =>
    fetch(`${server.am}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'accept-api-version,content-type,x-requested-platform,x-requested-with',
      },
    });

  beforeEach(() => {
    vi.unstubAllGlobals();
  });

  test('that is listed may call, with cookies and with the headers that the SDK sends', async () => {
    const { status, headers } = await preflight(PAGE);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-max-age')).toBe('600');
    expect(headers.get('vary')).toMatch(/\borigin\b/i);
    const allowed = (headers.get('access-control-allow-headers') ?? '').split(/,\s*/);
    expect(allowed).toEqual(
      expect.arrayContaining(['accept-api-version', 'content-type', 'x-requested-platform', 'x-requested-with']),
    );
    expect(headers.get('access-control-allow-methods')).toMatch(/\bPOST\b/);
  });

  test.each([
    'null',
    'https://evil.example',
    'http://localhost:5174',
    'https://localhost:5173',
    'http://localhost:5173.evil.example',
    'http://app.localhost:5173',
    'HTTP://LOCALHOST:5173',
  ])('%s is not listed and may not (A145)', async (origin) => {
    const { headers } = await preflight(origin);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('may not post answers of phones', async () => {
    const { headers } = await preflight(PAGE, '/json/push/sns/message');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
