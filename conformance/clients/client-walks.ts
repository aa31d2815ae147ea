import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BrowserFetch } from '../support/browser-fetch.ts';
import type { Phone } from '../support/phone.ts';
import { sendByFetch } from '../support/wire.ts';
import type { Client, ClientAnswer, ClientFailure, ClientStep, ClientSuccess } from './client.ts';
import { type ClientWorld, openPage, PASSWORD } from './client-world.ts';

const JOURNEY = 'PushLogin';
const COOKIE = 'iPlanetDirectoryPro';
const REGISTER = 'Register Device';
const GET_APP = 'Get the App';
const SKIP = 'Skip this step';
const OPT_OUT = 'Opt-out';
const NOT_PRESSED = 100;
/** A wait or a code ends when its time is over, not when it is just reached. */
const JUST_OVER = 1;

const expectStep = (answer: ClientAnswer): ClientStep => {
  if (answer.kind === 'step') return answer;
  throw new Error(`A step was expected: ${JSON.stringify(answer)}`);
};
const expectSuccess = (answer: ClientAnswer): ClientSuccess => {
  if (answer.kind === 'success') return answer;
  throw new Error(`Success was expected: ${JSON.stringify(answer)}`);
};
const expectFailure = (answer: ClientAnswer): ClientFailure => {
  if (answer.kind === 'failure') return answer;
  throw new Error(`A failure was expected: ${JSON.stringify(answer)}`);
};

const LOGIN_FAILURE = { code: 401, reason: 'Unauthorized', message: 'Login failure', detail: { failureUrl: '' } };
const TIMED_OUT = { code: 401, message: 'Session has timed out', detail: { errorCode: '110' } };

const only = <Item>(items: readonly Item[]): Item => {
  const [item, ...others] = items;
  if (item === undefined || others.length > 0) throw new Error(`One callback was expected, not ${items.length}.`);
  return item;
};

const press = (step: ClientStep, option: string): Promise<ClientAnswer> => {
  only(step.callbacks('ConfirmationCallback')).setOptionValue(option);
  return step.next();
};

const enterCode = (step: ClientStep, code: string): Promise<ClientAnswer> => {
  const field = only(step.callbacks('NameCallback'));
  expect(field.getPrompt()).toBe('Recovery Code');
  field.setName(code);
  return step.next();
};

/** The number that the wait shows, which must also be in the text that a client shows. */
const shownNumber = (step: ClientStep): string => {
  const number = only(step.callbacks('HiddenValueCallback'));
  expect(number.getOutputByName('id', '')).toBe('pushChallengeNumber');
  const wait = only(step.callbacks('PollingWaitCallback'));
  expect(wait.getWaitTime()).toBe(5_000);
  expect(wait.getMessage()).toContain(number.getOutputByName('value', 'none'));
  expect(only(step.callbacks('ConfirmationCallback')).getInputValue()).toBe(NOT_PRESSED);
  return number.getOutputByName('value', '');
};

/**
 * The example journey as a client library walks it from a page of another origin: what ends badly first, then every way to
 * its end (spec: journeys-rest §1, §3, §4.1, §4.2).
 */
export const describeClientWalks = (
  library: string,
  given: () => ClientWorld,
  setUp: (am: string) => Promise<Client>,
): void => {
  describe(`${library} walks the example journey`, () => {
    let world: ClientWorld;
    let page: BrowserFetch;
    let client: Client;

    beforeEach(async () => {
      world = given();
      page = openPage();
      client = await setUp(world.am);
    });
    afterEach(() => expect(page.refused).toEqual([]));

    const signIn = async (user: string, password = PASSWORD): Promise<ClientAnswer> => {
      const step = expectStep(await client.start(JOURNEY));
      only(step.callbacks('NameCallback')).setName(user);
      only(step.callbacks('PasswordCallback')).setPassword(password);
      return step.next();
    };

    /** Past the password and the device profile. */
    const signInWithDevice = async (user: string): Promise<ClientAnswer> => {
      const step = expectStep(await signIn(user));
      const callback = only(step.callbacks('DeviceProfileCallback'));
      const wanted = { location: callback.isLocationRequired(), metadata: callback.isMetadataRequired() };
      expect(wanted).toEqual({ location: true, metadata: true });
      callback.setProfile(await client.deviceProfile(wanted));
      return step.next();
    };

    const toOptions = async (user: string): Promise<ClientStep> => {
      const step = expectStep(await signInWithDevice(user));
      expect(step.types).toEqual(['TextOutputCallback', 'ConfirmationCallback']);
      expect(only(step.callbacks('ConfirmationCallback')).getOptions()).toEqual([REGISTER, GET_APP, SKIP, OPT_OUT]);
      return step;
    };

    const toSetupCode = async (user: string): Promise<{ readonly step: ClientStep; readonly uri: string }> => {
      const step = expectStep(await press(await toOptions(user), REGISTER));
      const code = step.setupCode();
      expect(code).toMatchObject({ use: 'push', message: expect.stringMatching(/\S/) });
      expect(step.shownCodes()).toBeUndefined();
      expect(only(step.callbacks('PollingWaitCallback')).getWaitTime()).toBe(2_000);
      return { step, uri: code?.uri ?? '' };
    };

    interface Enrolled {
      readonly phone: Phone;
      readonly codes: readonly string[];
      readonly wait: ClientStep;
    }

    /** Connects a phone; ends on the step that waits for it. */
    const enrol = async (user: string): Promise<Enrolled> => {
      const { step, uri } = await toSetupCode(user);
      const phone = world.newPhone();
      expect((await phone.register(uri)).status).toBe(200);
      const display = expectStep(await step.next());
      expect(display.setupCode()).toBeUndefined();
      const shown = display.shownCodes();
      expect(shown?.deviceName).toBe('Walking phone');
      return { phone, codes: shown?.codes ?? [], wait: expectStep(await display.next()) };
    };

    const approve = async (phone: Phone, wait: ClientStep): Promise<ClientSuccess> => {
      expect((await phone.approve(await phone.request(), shownNumber(wait))).status).toBe(200);
      return expectSuccess(await wait.next());
    };

    /** Enrolled, signed in by the phone, and signed out again. */
    const comeBack = async (user: string): Promise<Enrolled> => {
      const enrolled = await enrol(user);
      await approve(enrolled.phone, enrolled.wait);
      await client.logOut();
      return enrolled;
    };

    const validate = async (tokenId: string | undefined): Promise<unknown> => {
      const url = `${world.am}/json/realms/root/sessions?_action=validate`;
      const headers = { 'accept-api-version': 'resource=2.1' };
      return (await sendByFetch({ method: 'POST', url, headers, body: { tokenId } })).body;
    };

    describe('what fails', () => {
      test('a wrong password, with the fields that apps read', async () => {
        const failure = expectFailure(await signIn('demo', 'wrong'));
        expect(failure).toEqual({ kind: 'failure', ...LOGIN_FAILURE, processedMessage: [] });
      });

      test('a journey that does not exist', async () => {
        const failure = expectFailure(await client.start('NoSuchJourney'));
        expect(failure).toMatchObject({ code: 400, reason: 'Bad Request', message: 'No Configuration found' });
      });

      test('a request that the phone denies', async () => {
        const { phone, wait } = await enrol(await world.newUser());
        expect((await phone.deny(await phone.request(), 'not_me')).status).toBe(200);
        expect(expectFailure(await wait.next())).toMatchObject(LOGIN_FAILURE);
        expect(page.cookie(COOKIE)).toBeUndefined();
      });

      test('an answer without the number, which leaves the login waiting', async () => {
        const { phone, wait } = await enrol(await world.newUser());
        const request = await phone.request();
        const number = shownNumber(wait);
        await phone.approve(request);
        await phone.approve(request, number === '111111' ? '222222' : '111111');
        expect((await wait.next()).kind).not.toBe('success');
        expect(page.cookie(COOKIE)).toBeUndefined();
      });

      test('a step whose journey is over, with error code 110; the next start is a new one', async () => {
        const step = expectStep(await client.start(JOURNEY));
        only(step.callbacks('NameCallback')).setName('demo');
        only(step.callbacks('PasswordCallback')).setPassword('wrong');
        expectFailure(await step.next());
        expect(expectFailure(await step.next())).toMatchObject(TIMED_OUT);
        expect(expectStep(await client.start(JOURNEY)).authId).not.toBe(step.authId);
      });

      test('a step that was left lying for longer than the journey may last, likewise', async () => {
        const options = await toOptions(await world.newUser());
        await world.pass(15 * 60_000 + JUST_OVER);
        expect(expectFailure(await press(options, REGISTER))).toMatchObject(TIMED_OUT);
      });

      test('the third wrong recovery code', async () => {
        const user = await world.newUser();
        await comeBack(user);
        const wait = expectStep(await signInWithDevice(user));
        const first = expectStep(await press(wait, 'Lost phone? Use a recovery code'));
        const second = expectStep(await enterCode(first, 'not a code'));
        const third = expectStep(await enterCode(second, '0000000000000000'));
        expect(expectFailure(await enterCode(third, 'ZZZZZZZZZZZZZZZZ'))).toMatchObject(LOGIN_FAILURE);
      });

      test('the third request that nobody answers', async () => {
        const user = await world.newUser();
        const { phone } = await comeBack(user);
        let wait = expectStep(await signInWithDevice(user));
        const seen = new Set<string>();
        for (let request = 1; request <= 3; request += 1) {
          seen.add((await phone.request()).messageId);
          await world.pass(120_000);
          const answer = await wait.next();
          if (request < 3) wait = expectStep(answer);
          else expect(expectFailure(answer)).toMatchObject(LOGIN_FAILURE);
        }
        expect(seen.size).toBe(3);
      });
    });

    test('register, keep the codes, approve with the number, use the session, sign out', async () => {
      const user = await world.newUser();
      const { phone, codes, wait } = await enrol(user);
      expect(new Set(codes).size).toBe(10);
      for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
      expect(shownNumber(wait)).toMatch(/^\d{6}$/);
      const { token, successUrl, realm } = await approve(phone, wait);
      expect({ successUrl, realm }).toEqual({ successUrl: '/am/console', realm: '/' });
      expect(token).toBe(page.cookie(COOKIE));
      expect(await validate(token)).toMatchObject({ valid: true, uid: user, realm: '/' });

      // A page that starts the same journey again is let through on its session (spec: journeys-rest §1.10).
      expect(expectSuccess(await client.start(JOURNEY))).toMatchObject({ token: '', successUrl: '/am/console' });
      expect(page.cookie(COOKIE)).toBe(token);
      expectStep(await client.start(JOURNEY, { ForceAuth: 'true' }));

      await client.logOut();
      expect(page.cookie(COOKIE)).toBeUndefined();
      expect(await validate(token)).toEqual({ valid: false });
      expectStep(await client.start(JOURNEY));
      // A browser asks once per address whether it may send what the library sends.
      expect(page.preflights).toEqual([...new Set(page.preflights)]);
    });

    test('a wait that nobody has answered is the same step again', async () => {
      const { phone, wait } = await enrol(await world.newUser());
      await world.pass(5_000 + JUST_OVER);
      const polled = expectStep(await wait.next());
      expect(polled.authId).toBe(wait.authId);
      expect(shownNumber(polled)).toBe(shownNumber(wait));
      await approve(phone, polled);
    });

    test('a setup code that nobody scans in time leads back to the options', async () => {
      const user = await world.newUser();
      const { step, uri } = await toSetupCode(user);
      await world.pass(180_000 + JUST_OVER);
      const options = expectStep(await step.next());
      expect((await world.newPhone().register(uri)).status).toBe(400);
      expect(expectStep(await press(options, REGISTER)).setupCode()?.uri).not.toBe(uri);
    });

    test('a request that expired is sent again, and the second one is approved', async () => {
      const user = await world.newUser();
      const { phone } = await comeBack(user);
      const first = expectStep(await signInWithDevice(user));
      const missed = await phone.request();
      await world.pass(120_000);
      const second = expectStep(await first.next());
      expect(second.authId).not.toBe(first.authId);
      expect((await phone.request()).messageId).not.toBe(missed.messageId);
      await approve(phone, second);
    });

    test('without the phone a recovery code signs in, however it is written, and never again', async () => {
      const user = await world.newUser();
      const { codes } = await comeBack(user);
      const [code = ''] = codes;
      const leave = async () =>
        expectStep(await press(expectStep(await signInWithDevice(user)), 'Lost phone? Use a recovery code'));
      expectSuccess(await enterCode(await leave(), code.toLowerCase().replace(/(.{4})(?=.)/g, '$1-')));
      await client.logOut();
      const again = expectStep(await enterCode(await leave(), code));
      expectSuccess(await enterCode(again, codes[1] ?? ''));
    });

    test('where to get an app is shown, and leads back to the options', async () => {
      const user = await world.newUser();
      const app = expectStep(await press(await toOptions(user), GET_APP));
      expect(app.shownCodes()).toBeUndefined();
      expect(only(app.callbacks('TextOutputCallback')).getMessageType()).toBe('4');
      only(app.callbacks('ConfirmationCallback')).setOptionIndex(0);
      const options = expectStep(await app.next());
      expectSuccess(await press(options, SKIP));
    });

    test('who skips is asked again the next time, who opts out is not', async () => {
      const user = await world.newUser();
      expectSuccess(await press(await toOptions(user), SKIP));
      await client.logOut();
      expectSuccess(await press(await toOptions(user), OPT_OUT));
      await client.logOut();
      expectSuccess(await signInWithDevice(user));
    });
  });
};
