import { expect } from 'vitest';
import { Phone, type PhoneOptions, readRegistrationUri } from '../support/phone.ts';
import { type JourneyName, Login } from './login.ts';
import { sessionProperties, type Walker } from './world.ts';

/** Sentences are the server's own; that there is one, and what is in it, is what a client relies on. */
const someText = expect.stringMatching(/\S/);

const nameCallback = (prompt: string, position: number, pageId?: number) => ({
  type: 'NameCallback',
  output: [{ name: 'prompt', value: prompt }],
  input: [{ name: `IDToken${position}`, value: '' }],
  ...(pageId !== undefined && { _id: pageId }),
});

const textOutput = (message: unknown, messageType: '0' | '4') => ({
  type: 'TextOutputCallback',
  output: [
    { name: 'message', value: message },
    { name: 'messageType', value: messageType },
  ],
});

const confirmation = (options: readonly string[], position: number, selected: number) => ({
  type: 'ConfirmationCallback',
  output: [
    { name: 'prompt', value: '' },
    { name: 'messageType', value: 0 },
    { name: 'options', value: options },
    { name: 'optionType', value: -1 },
    { name: 'defaultOption', value: 0 },
  ],
  input: [{ name: `IDToken${position}`, value: selected }],
});

const pollingWait = (waitTime: string, message: unknown) => ({
  type: 'PollingWaitCallback',
  output: [
    { name: 'waitTime', value: waitTime },
    { name: 'message', value: message },
  ],
});

const hiddenValue = (value: unknown, id: string, position: number) => ({
  type: 'HiddenValueCallback',
  output: [
    { name: 'value', value },
    { name: 'id', value: id },
  ],
  input: [{ name: `IDToken${position}`, value: id }],
});

const expectStep = (login: Login, callbacks: readonly unknown[]): void => {
  expect({ status: login.reply.status, callbacks: login.callbacks }).toEqual({ status: 200, callbacks });
  expect(login.authId).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(login.reply.headers['cache-control']).toContain('no-store');
};

/** S1: name and password. */
export const expectSignIn = (login: Login): void =>
  expectStep(login, [
    nameCallback('User Name', 1, 0),
    {
      type: 'PasswordCallback',
      output: [{ name: 'prompt', value: 'Password' }],
      input: [{ name: 'IDToken2', value: '' }],
      _id: 1,
    },
  ]);

/** S2: what device is this, and where. */
const expectDeviceProfile = (login: Login): void =>
  expectStep(login, [
    {
      type: 'DeviceProfileCallback',
      output: [
        { name: 'metadata', value: true },
        { name: 'location', value: true },
        { name: 'message', value: '' },
      ],
      input: [{ name: 'IDToken1', value: '' }],
    },
  ]);

export const OPTION = Object.freeze({ register: 0, getApp: 1, skip: 2, optOut: 3 });

/** O: register, get the app, skip, opt out. */
export const expectOptions = (login: Login): void =>
  expectStep(login, [
    textOutput(someText, '0'),
    confirmation(['Register Device', 'Get the App', 'Skip this step', 'Opt-out'], 2, OPTION.register),
  ]);

/** L: where to get an app. */
export const expectGetApp = (login: Login): void =>
  expectStep(login, [textOutput(someText, '4'), confirmation(['Continue'], 2, 0)]);

const hiddenValueIn = ({ callbacks }: Login, id: string): string => {
  const found = callbacks.find(
    ({ type, output }) => type === 'HiddenValueCallback' && output?.some((it) => it.name === 'id' && it.value === id),
  );
  return String(found?.output?.find(({ name }) => name === 'value')?.value ?? '');
};

/** Q: the code to scan. Returns its registration URI. */
export const expectCodeToScan = (login: Login): string => {
  const uri = hiddenValueIn(login, 'mfaDeviceRegistration');
  expectStep(login, [
    textOutput(someText, '0'),
    textOutput(expect.stringContaining('QRCodeReader.createCode('), '4'),
    hiddenValue(uri, 'mfaDeviceRegistration', 3),
    pollingWait('2000', ''),
  ]);
  const code = readRegistrationUri(uri);
  const address = `${login.walker.world.am}/json${login.walker.realm === '/' ? '' : login.walker.realm}/push/sns/message`;
  expect(code).toMatchObject({
    label: `Assent:${login.walker.username}`,
    messageId: expect.stringMatching(/^REGISTER:/),
    registerUrl: `${address}?_action=register`,
    authenticateUrl: `${address}?_action=authenticate`,
  });
  expect([code.secret.length, code.challenge.length]).toEqual([32, 32]);
  return uri;
};

const EXIT = 'Lost phone? Use a recovery code';
const NOT_PRESSED = 100;

/** W: the phone is waited for. Returns the number that it asks for; undefined where it asks for none. */
export const expectWait = (login: Login, digits: RegExp | undefined = digitsOf(login.journey)): string | undefined => {
  if (digits === undefined) {
    expectStep(login, [pollingWait('5000', someText), confirmation([EXIT], 2, NOT_PRESSED)]);
    return undefined;
  }
  const number = hiddenValueIn(login, 'pushChallengeNumber');
  expect(number).toMatch(digits);
  expectStep(login, [
    pollingWait('5000', expect.stringContaining(number)),
    hiddenValue(number, 'pushChallengeNumber', 2),
    confirmation([EXIT], 3, NOT_PRESSED),
  ]);
  return number;
};

/** The six digits that are typed on our own phone, without a leading zero; none where the journey only asks. */
const digitsOf = (journey: string): RegExp | undefined => (journey === 'PushLogin' ? /^[1-9]\d{5}$/ : undefined);

/** Ten recovery codes, in the words of the script by which AM's clients find them. Returns the codes. */
export const expectRecoveryCodes = (login: Login, deviceName = 'Walking phone'): readonly string[] => {
  const message = login.callbacks[0]?.output?.[0]?.value;
  expectStep(login, [textOutput(expect.stringContaining('// Recovery Codes'), '4')]);
  const text = String(message);
  const codes = [...text.matchAll(/\s[\s\S]"(\w+)\\/g)].map(([, code]) => code ?? '');
  expect(codes).toHaveLength(10);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
  expect(text).toContain(`<em>${deviceName}</em>`);
  return codes;
};

/** The field for a recovery code. */
export const expectRecoveryCodeField = (login: Login): void => expectStep(login, [nameCallback('Recovery Code', 1)]);

/** Signed in. Returns the session token. */
export const expectSuccess = (login: Login): string => {
  const { status, body } = login.reply;
  expect({ status, body }).toEqual({
    status: 200,
    body: { tokenId: expect.stringMatching(/^[\w-]{27,}$/), successUrl: '/am/console', realm: login.walker.realm },
  });
  return String(body.tokenId);
};

/** Session property `NodeType` after a sign-in by phone, and by a recovery code (spec: nodes-mfa §1 rule 9). */
export const BY_PHONE = 'AuthenticatorPush|';
export const BY_RECOVERY_CODE = 'AuthenticatorPushRegistration|';

/** What such a session has in `AuthFactors`, each with its time; one of the journeys asks the phone for no number. */
const provenBy = (nodeType: string | undefined, journey: string): string => {
  if (nodeType === undefined) return 'password';
  if (nodeType === BY_RECOVERY_CODE) return 'password|recoveryCode';
  return journey === 'PushLoginBasic' ? 'password|push' : 'password|pushNumber';
};

const withoutTimes = (property: unknown): string => String(property).replaceAll(/@\d+/g, '');

/** Signed in, and the session knows by which factors and by which journey. */
export const expectSession = async (login: Login, nodeType: string | undefined): Promise<string> => {
  const token = expectSuccess(login);
  const properties = await sessionProperties(login.walker, token);
  expect(properties).toMatchObject({ Service: login.journey, AuthLevel: '0' });
  expect(properties.NodeType).toBe(nodeType);
  expect(withoutTimes(properties.AuthFactors)).toBe(provenBy(nodeType, login.journey));
  expect(withoutTimes(properties.Journeys)).toBe(login.journey);
  return token;
};

/** The journey ended in its Failure, or in an error: to a client they are alike. */
export const expectFailure = (login: Login): void => {
  expect({ status: login.reply.status, body: login.reply.body }).toEqual({
    status: 401,
    body: { code: 401, reason: 'Unauthorized', message: 'Login failure', detail: { failureUrl: '' } },
  });
};

export const TIMED_OUT = Object.freeze({
  status: 401,
  body: { code: 401, reason: 'Unauthorized', message: 'Session has timed out', detail: { errorCode: '110' } },
});

/** From the start up to the step after S2. */
export const passPassword = async (walker: Walker, journey: JourneyName): Promise<Login> => {
  const login = await Login.start(walker, journey);
  expectSignIn(login);
  await login.signIn();
  expectDeviceProfile(login);
  await login.tellDevice();
  return login;
};

export const reachOptions = async (walker: Walker, journey: JourneyName): Promise<Login> => {
  const login = await passPassword(walker, journey);
  expectOptions(login);
  return login;
};

export const reachWait = async (walker: Walker, journey: JourneyName): Promise<Login> => {
  const login = await passPassword(walker, journey);
  expectWait(login);
  return login;
};

/** From W to the field for a recovery code. */
export const reachRecoveryCode = async (walker: Walker, journey: JourneyName): Promise<Login> => {
  const login = await reachWait(walker, journey);
  await login.press(0);
  expectRecoveryCodeField(login);
  return login;
};

export interface Enrolment {
  readonly phone: Phone;
  readonly codes: readonly string[];
}

/** From O through Q and the codes to W, with a phone that has registered meanwhile. */
export const registerPhone = async (login: Login, options?: PhoneOptions): Promise<Enrolment> => {
  await login.press(OPTION.register);
  const phone = new Phone(login.walker.world, options);
  expect(await phone.register(expectCodeToScan(login))).toMatchObject({ status: 200, body: {} });
  await login.repost();
  const codes = expectRecoveryCodes(login, options?.deviceName);
  await login.repost();
  return { phone, codes };
};

/** A walker who has a phone, and has used it once. */
export const enrol = async (walker: Walker, journey: JourneyName): Promise<Enrolment> => {
  const login = await reachOptions(walker, journey);
  const enrolment = await registerPhone(login);
  const number = expectWait(login);
  expect((await enrolment.phone.approve(await enrolment.phone.request(), number)).status).toBe(200);
  await login.repost();
  expectSuccess(login);
  return enrolment;
};
