import { expect, test } from 'vitest';
import { isExit, pollDelayOf, screenOfStep } from './screen-of-step.ts';
import type { Callback, Step } from './step.ts';

const step = (...callbacks: Callback[]): Step => ({ authId: 'a', callbacks });
const made = (type: string, output: Record<string, unknown>, input?: unknown): Callback => ({
  type,
  output: Object.entries(output).map(([name, value]) => ({ name, value })),
  ...(input === undefined ? {} : { input: [{ name: 'IDToken1', value: input }] }),
});
const text = (message: string, messageType = '0') => made('TextOutputCallback', { message, messageType });
const confirmation = (options: string[], input: unknown = 0) =>
  made('ConfirmationCallback', { prompt: '', options, defaultOption: 0 }, input);
const hidden = (value: string, id: string) => made('HiddenValueCallback', { value, id }, id);
const polling = made('PollingWaitCallback', { waitTime: '5000', message: 'wait' });
const name = made('NameCallback', { prompt: 'User Name' }, '');
const password = made('PasswordCallback', { prompt: 'Password' }, '');
const profile = made('DeviceProfileCallback', { metadata: true, location: false, message: '' }, '');
const codes = text('// Recovery Codes\n    "AAAA1111BBBB2222\\n" +', '4');
const getApp = text("x.innerHTML = '<a href=\\'https://apps.example\\'>Store</a>'", '4');
const ceremony = { kind: 'get', options: {} } as const;
const at = { first: false };

test.each<[string, Step, string]>([
  ['a type that nobody knows', step(made('QuantumCallback', {}, '')), 'form'],
  ['nothing at all', step(), 'form'],
  ['a script without links or codes', step(text('alert(1)', '4')), 'form'],
  ['recovery codes', step(codes), 'codes'],
  [
    'a setup code',
    step(text('Scan'), text('x', '4'), hidden('pushauth://push/x', 'mfaDeviceRegistration'), polling),
    'setup',
  ],
  [
    'an OATH setup code with a button',
    step(text('Scan'), hidden('otpauth://totp/x', 'mfaDeviceRegistration'), confirmation(['Next'])),
    'setup',
  ],
  ['a combined setup code', step(hidden('mfauth://x', 'mfaDeviceRegistration')), 'setup'],
  [
    'a wait with a number',
    step(polling, hidden('483201', 'pushChallengeNumber'), confirmation(['Cancel'], 100)),
    'number',
  ],
  ['a wait whose number is none', step(polling, hidden('<b>', 'pushChallengeNumber')), 'wait'],
  ['a wait with an exit', step(polling, confirmation(['Cancel'], 100)), 'wait'],
  ['a wait without an exit', step(polling), 'wait'],
  ['a wait beside a field', step(polling, password), 'form'],
  [
    'a passkey',
    step(hidden('false', 'webAuthnOutcome'), made('MetadataCallback', { data: { relyingPartyId: 'x' } })),
    'passkey',
  ],
  [
    'a passkey in script mode with a way out',
    step(
      text('webAuthnOutcome pubKeyCredParams', '4'),
      hidden('false', 'webAuthnOutcome'),
      confirmation(['Code'], 100),
    ),
    'passkey',
  ],
  ['a passkey that is told to our page', { ...step(hidden('false', 'webAuthnOutcome')), passkey: ceremony }, 'passkey'],
  ['a passkey beside a name', { ...step(name, hidden('false', 'webAuthnOutcome')), passkey: ceremony }, 'form'],
  [
    'a passkey beside a password',
    { ...step(name, password, hidden('false', 'webAuthnOutcome')), passkey: ceremony },
    'credentials',
  ],
  [
    'the offer of a passkey',
    { ...step(text('Choose'), confirmation(['A', 'B', 'C'], 100)), passkeyOffer: { goOnIn: 1 } },
    'passkey-offer',
  ],
  [
    'the offer of a passkey beside a field',
    { ...step(password, confirmation(['A', 'B', 'C'], 100)), passkeyOffer: { goOnIn: 1 } },
    'form',
  ],
  ['another hidden value', step(hidden('false', 'other')), 'form'],
  ['a mail that was sent', step(made('SuspendedTextOutputCallback', { message: 'x', messageType: '0' })), 'mail'],
  ['where to get the app', step(getApp, confirmation(['Continue'])), 'get-app'],
  ['options', step(text('Choose'), confirmation(['A', 'B'])), 'options'],
  ['one option only', step(text('Read this'), confirmation(['Next'])), 'form'],
  ['options beside a field', step(password, confirmation(['A', 'B'])), 'form'],
  ['a device profile', step(profile), 'device'],
  ['a device profile among fields', step(name, profile), 'form'],
  ['name and password', step(name, password), 'credentials'],
  ['a lone name', step(name), 'recovery'],
])('%s', (_what, given, kind) => {
  expect(screenOfStep(given, at).kind).toBe(kind);
});

test('a lone name on a first step is a username, not a recovery code', () => {
  expect(screenOfStep(step(name), { first: true }).kind).toBe('form');
});

test('where requests to the phone are paused there is no number to type, and nothing is waited for', () => {
  const held: Step = {
    ...step(polling, hidden('483201', 'pushChallengeNumber'), confirmation(['Cancel'], 100)),
    phone: { for: 'sign-in', left: 120_000, devices: ['Pixel 8'], pausedFor: 60_000 },
  };
  expect(screenOfStep(held, at)).toMatchObject({ kind: 'paused', millis: 60_000, exit: { position: 2 } });
  expect(pollDelayOf(held)).toBeUndefined();
});

test('the number screen knows its number and its way out', () => {
  const screen = screenOfStep(step(polling, hidden(' 042 ', 'pushChallengeNumber'), confirmation(['Cancel'], 100)), at);
  expect(screen).toMatchObject({ number: '042', exit: { position: 2 } });
});

test('a confirmation whose input says "nothing chosen" is an exit, as a number and as a text', () => {
  expect(isExit({ callback: confirmation(['Cancel'], 100), position: 0 })).toBe(true);
  expect(isExit({ callback: confirmation(['Cancel'], '100'), position: 0 })).toBe(true);
  expect(isExit({ callback: confirmation(['Next'], 0), position: 0 })).toBe(false);
});

test('a polling step is asked again after its wait time, within bounds', () => {
  const wait = (waitTime: unknown) => pollDelayOf(step(made('PollingWaitCallback', { waitTime, message: '' })));
  expect(wait('5000')).toBe(5000);
  expect(wait('1')).toBe(250);
  expect(wait('9999999')).toBe(60_000);
  expect(wait('soon')).toBe(2000);
  expect(wait(undefined)).toBe(2000);
});

test("a step without a wait, or with a field under somebody's hands, is never sent by itself", () => {
  expect(pollDelayOf(step(name, password))).toBeUndefined();
  expect(pollDelayOf(step(polling, password))).toBeUndefined();
});
