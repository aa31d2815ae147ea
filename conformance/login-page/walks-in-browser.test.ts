import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { asAdministrator } from '../support/administrator.ts';
import { closeVisits, describeInBrowser, type Visit } from '../support/browser.ts';
import { startClockedServer } from '../support/clocked-server.ts';
import { PASSWORD } from '../support/people.ts';
import {
  codeOn,
  heading,
  numberOn,
  openLogin as openLoginPage,
  openPhone as openPhonePage,
  typeNumber,
} from '../support/phone-visit.ts';
import { newPhones } from '../support/phones.ts';
import { realmPath } from '../support/realm-path.ts';

// The walks of the example journey (spec: nodes-mfa §7.2) as a person takes them: the login page in one window, the phone in
// another: every walk by clicks, and every control of these screens without a mouse as well. Walks that no person can take are in ../walks alone: polls
// before their time (E), an empty code that reaches the server (H: here the page keeps it back), a phone that refuses its
// own registration (J: ours asks before it calls), a setting that an import left behind (T), no push service (U).

const REQUEST_TIME = 120_000;
const SETUP_TIME = 180_000;
const EXIT = 'Lost phone? Use a recovery code';

/** How a person works a page. */
interface Hands {
  readonly by: string;
  press(button: Locator): Promise<void>;
  write(field: Locator, text: string): Promise<void>;
  tick(box: Locator): Promise<void>;
  number(phone: Page, digits: string): Promise<void>;
}

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

const mouse: Hands = {
  by: 'clicks',
  press: (target) => target.click(),
  write: (field, text) => field.fill(text),
  tick: (box) => box.check(),
  number: typeNumber,
};

/** More stops than the longest of our screens has. */
const STOPS = 40;

/** Goes to an element by the Tab key alone, from wherever the page has put the focus. */
const tabTo = async (target: Locator): Promise<void> => {
  await target.waitFor();
  for (let stops = 0; stops < STOPS; stops += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await target.page().keyboard.press('Tab');
  }
  throw new Error(`The Tab key does not come to ${target}.`);
};

const keyboard: Hands = {
  by: 'keys',
  async press(target) {
    await tabTo(target);
    await target.page().keyboard.press('Enter');
  },
  async write(field, text) {
    await tabTo(field);
    await field.page().keyboard.press('ControlOrMeta+A');
    // At once, as a paste: a setup code has several hundred characters.
    await field.page().keyboard.insertText(text);
  },
  async tick(box) {
    await tabTo(box);
    await box.page().keyboard.press('Space');
  },
  async number(phone, digits) {
    await tabTo(phone.getByRole('textbox', { name: 'Number from the screen' }));
    await phone.keyboard.type(digits);
  },
};

describeInBrowser('the walks of the example journey', { start: startClockedServer }, (suite) => {
  /** What the server's clock shows, which stands still by itself. */
  let time: number;
  beforeAll(() => {
    time = suite.server.startedAt;
  });
  const pass = async (millis: number): Promise<void> => {
    await suite.server.control('advance', { millis });
    time += millis;
  };
  let ahead = 0;
  /** Lets so much time pass for the server alone. */
  const passHere = async (millis: number): Promise<void> => {
    await pass(millis);
    ahead += millis;
  };
  // A phone that is ahead of its server is refused.
  const followClock = (): Promise<void> => pass(Date.now() + ahead - time);
  beforeEach(followClock);
  /** Phones that are nowhere on a screen. */
  const phones = newPhones(() => time);
  const openLogin = (): Promise<Visit> => openLoginPage(suite);
  const openPhone = (): Promise<Visit> => openPhonePage(suite);
  const addUser = (username: string) => suite.server.control('user', { realm: '/', username, password: PASSWORD });
  const numberShown = async (page: Page): Promise<string> => {
    await heading(page, 'Check your phone').waitFor();
    return numberOn(page);
  };
  const isSignedIn = (page: Page, name: string): Promise<void> => heading(page, `Signed in as ${name}`).waitFor();
  const isAsked = (page: Page): Promise<void> => button(page, 'Register Device').waitFor();

  /** What a person does over and over again, with those hands. */
  const personWith = ({ by, press, write, tick, number }: Hands) => {
    const tellPassword = async (page: Page, name: string, password: string): Promise<void> => {
      await write(page.getByLabel('User Name'), name);
      await write(page.getByLabel('Password', { exact: true }), password);
      await press(button(page, 'Sign in'));
    };
    const signIn = async (page: Page, name: string): Promise<void> => {
      await tellPassword(page, name, PASSWORD);
      const later = button(page, 'Not now');
      const next = button(page, 'Register Device').or(
        page.getByRole('heading', { level: 1, name: /^(Check your phone|Signed in as)/ }),
      );
      await later.or(next).first().waitFor();
      if (await later.isVisible()) await press(later);
    };
    /** A new user at the question whether to register. */
    const newcomer = async (walk: string): Promise<{ readonly name: string; readonly login: Visit }> => {
      const name = `${walk}-by-${by}`;
      await addUser(name);
      const login = await openLogin();
      await signIn(login.page, name);
      await isAsked(login.page);
      return { name, login };
    };
    const connect = async (phone: Page, code: string): Promise<void> => {
      await phone.goto(`${suite.server.am}/phone/#add`);
      await write(phone.getByLabel('Setup code'), code);
      await press(button(phone, 'Continue'));
      await heading(phone, 'Connect this phone?').waitFor();
      await press(button(phone, 'Connect'));
    };
    const approve = async (phone: Page, digits: string): Promise<void> => {
      await heading(phone, 'Sign-in request').waitFor();
      await number(phone, digits);
      await press(button(phone, 'Approve'));
    };
    /** A user who has connected a phone, at the number; with the codes that were shown on the way. */
    const owner = async (walk: string) => {
      const [{ name, login }, phone] = await Promise.all([newcomer(walk), openPhone()]);
      const { page } = login;
      await press(button(page, 'Register Device'));
      await heading(page, 'Connect your phone').waitFor();
      await connect(phone.page, await codeOn(page));
      await heading(page, 'Save your recovery codes').waitFor();
      const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents();
      await tick(page.getByLabel('I have saved these codes'));
      await press(button(page, 'Continue'));
      return { name, login, page, phone, codes, digits: await numberShown(page) };
    };
    /** A user whose phone is on no screen and was connected earlier, at the number. */
    const absentOwner = async (walk: string) => {
      const name = `${walk}-by-${by}`;
      await addUser(name);
      const { codes } = await phones.enrol(suite.server.am, name);
      const login = await openLogin();
      await signIn(login.page, name);
      return { name, login, page: login.page, codes, digits: await numberShown(login.page) };
    };
    const toRecovery = async (page: Page): Promise<Locator> => {
      await press(button(page, EXIT));
      await heading(page, 'Use a recovery code').waitFor();
      return page.getByRole('main').getByRole('textbox');
    };
    return { tellPassword, signIn, newcomer, connect, approve, owner, absentOwner, toRecovery };
  };

  describe.each([mouse, keyboard])('by $by', (hands) => {
    const { press, write, tick, by } = hands;
    const { tellPassword, signIn, newcomer, approve, owner, absentOwner, toRecovery } = personWith(hands);

    test('I and A: connects a phone, keeps the codes, approves; the next sign-in goes straight to the phone', async () => {
      const { name, login, page, phone, codes, digits } = await owner('registers');
      expect(new Set(codes).size).toBe(10);
      await approve(phone.page, digits);
      await isSignedIn(page, name);
      await press(button(phone.page, 'Done'));

      const again = await openLogin();
      await signIn(again.page, name);
      const next = await numberShown(again.page);
      await approve(phone.page, next);
      await isSignedIn(again.page, name);
      await closeVisits(login, phone, again);
    });

    test('B: denies on the phone, and is not signed in', async () => {
      const { login, page, phone } = await owner('denies');
      await heading(phone.page, 'Sign-in request').waitFor();
      await press(button(phone.page, 'Deny'));
      await tick(phone.page.getByLabel('It was not me'));
      await press(button(phone.page, 'Deny this request'));
      await heading(page, 'The request was denied').waitFor();
      await heading(phone.page, 'Denied').waitFor();
      await press(button(page, 'Start over'));
      await page.getByLabel('User Name').waitFor();
      await closeVisits(login, phone);
    });

    test('F: has no phone at hand: a recovery code signs in once, and an empty one is not sent (H)', async () => {
      const { name, login, page, codes } = await absentOwner('recovers');
      const [code = ''] = codes;
      const field = await toRecovery(page);
      await press(button(page, 'Continue'));
      await page.getByText('Enter your Recovery Code').first().waitFor();
      await write(field, code.toLowerCase());
      await press(button(page, 'Continue'));
      await isSignedIn(page, name);

      const again = await openLogin();
      await signIn(again.page, name);
      await numberShown(again.page);
      await write(await toRecovery(again.page), code);
      await press(button(again.page, 'Continue'));
      await again.page.getByText('That code did not work').first().waitFor();
      await closeVisits(login, again);
    });

    test('L: looks where to get the app, and is asked again', async () => {
      const { login } = await newcomer('shops');
      await press(button(login.page, 'Get the App'));
      await heading(login.page, 'Get the app').waitFor();
      expect(await login.page.getByRole('main').getByRole('link').count()).toBeGreaterThan(0);
      await press(button(login.page, 'Continue'));
      await isAsked(login.page);
      await closeVisits(login);
    });

    test('M: skips, is signed in, and is asked again next time', async () => {
      const { name, login } = await newcomer('skips');
      await press(button(login.page, 'Skip this step'));
      await isSignedIn(login.page, name);
      const again = await openLogin();
      await signIn(again.page, name);
      await isAsked(again.page);
      await closeVisits(login, again);
    });

    test('N and P: opts out, and from then on the password is enough', async () => {
      const { name, login } = await newcomer('opts-out');
      await press(button(login.page, 'Opt-out'));
      await isSignedIn(login.page, name);
      const again = await openLogin();
      await signIn(again.page, name);
      await isSignedIn(again.page, name);
      await closeVisits(login, again);
    });

    test('a wrong password is said, and the right one goes on', async () => {
      const name = `fumbles-by-${by}`;
      await addUser(name);
      const login = await openLogin();
      await tellPassword(login.page, name, 'not this one');
      await login.page.getByText('That did not work. Check your username and password.').first().waitFor();
      await signIn(login.page, name);
      await isAsked(login.page);
      await closeVisits(login);
    });

    test('who is signed in goes on without a password, or as somebody else', async () => {
      const { name, login } = await newcomer('returns');
      const { page } = login;
      await press(button(page, 'Skip this step'));
      await isSignedIn(page, name);
      await page.goto(`${suite.server.am}/login`);
      await isSignedIn(page, name);
      await press(page.getByRole('link', { name: 'Continue' }));
      await page.waitForURL(`${suite.server.am}/account`);
      await page.goto(`${suite.server.am}/login`);
      await press(button(page, 'Use another account'));
      await page.getByLabel('User Name').waitFor();
      await closeVisits(login);
    });
  });

  describe('by clicks, by controls that are pressed without a mouse above', () => {
    const { press, write } = mouse;
    const { signIn, approve, owner, absentOwner, toRecovery } = personWith(mouse);

    describe('on one phone', () => {
      let name: string;
      let phone: Visit;
      beforeAll(async () => {
        await followClock();
        const user = await owner('ponders');
        ({ name, phone } = user);
        await approve(phone.page, user.digits);
        await isSignedIn(user.page, name);
        await press(button(phone.page, 'Done'));
        await closeVisits(user.login);
      });
      afterAll(() => closeVisits(phone));

      /** The user at the number of another sign-in. */
      const askedAgain = async () => {
        const login = await openLogin();
        await signIn(login.page, name);
        return { login, page: login.page, digits: await numberShown(login.page) };
      };

      test('C: the same request goes on waiting until the phone answers', async () => {
        const { login, page, digits } = await askedAgain();
        await page.reload();
        expect(await numberShown(page)).toBe(digits);
        await approve(phone.page, digits);
        await isSignedIn(page, name);
        await press(button(phone.page, 'Done'));
        await closeVisits(login);
      });

      test('leaves the phone for the recovery code, and comes back by starting over', async () => {
        const { login, page, digits } = await askedAgain();
        await heading(phone.page, 'Sign-in request').waitFor();
        await toRecovery(page);
        await heading(phone.page, 'No longer needed').waitFor();
        await press(button(phone.page, 'Done'));
        await press(button(page, 'Start over'));
        await signIn(page, name);
        const fresh = await numberShown(page);
        expect(fresh).not.toBe(digits);
        await approve(phone.page, fresh);
        await isSignedIn(page, name);
        await press(button(phone.page, 'Done'));
        await closeVisits(login);
      });

      test('a wrong number is no approval', async () => {
        const { login, page, digits } = await askedAgain();
        await approve(
          phone.page,
          digits.replace(/./g, (digit) => String((Number(digit) + 1) % 10)),
        );
        await heading(page, 'The number did not match').waitFor();
        await page.goto(`${suite.server.am}/login`);
        await page.getByLabel('User Name').waitFor();
        await closeVisits(login);
      });
    });

    test('G: three wrong recovery codes end the sign-in', async () => {
      const { login, page } = await absentOwner('guesses');
      const field = await toRecovery(page);
      for (const wrong of ['0000-0000-0000-0000', '1111-1111-1111-1111']) {
        await write(field, wrong);
        await press(button(page, 'Continue'));
        await page.getByText('That code did not work').first().waitFor();
        // The words of the last try may still stand there; the field is emptied with the answer to this one.
        await expect.poll(() => field.inputValue()).toBe('');
      }
      await write(field, '2222-2222-2222-2222');
      await press(button(page, 'Continue'));
      await heading(page, 'That did not work').waitFor();
      await closeVisits(login);
    });

    test('R: whose phone was taken off the account is asked; opting out signs in, and changes nothing', async () => {
      const { name, login } = await absentOwner('lost-it');
      const devices = `${realmPath('/')}/users/${name}/devices/2fa/push`;
      const { body } = await asAdministrator(suite.server, 'GET', `${devices}?_queryFilter=true`);
      const [device] = body.result as readonly { readonly uuid: string }[];
      expect((await asAdministrator(suite.server, 'DELETE', `${devices}/${device?.uuid}`)).status).toBe(200);
      for (const _ of ['first', 'second']) {
        const again = await openLogin();
        await signIn(again.page, name);
        await press(button(again.page, 'Opt-out'));
        await isSignedIn(again.page, name);
        await closeVisits(again);
      }
      await closeVisits(login);
    });
  });

  // At the end: from here on this server is ahead of its phones, which then cannot fetch requests any more.
  describe.each([mouse, keyboard])('by $by, coming back too late', (hands) => {
    const { press } = hands;
    const { newcomer, connect, absentOwner } = personWith(hands);

    test('D: a request that ran out is sent anew with another number; after the third, no more are sent', async () => {
      const { login, page } = await absentOwner('oversleeps');
      const numbers = new Set<string>();
      for (let request = 1; request <= 3; request += 1) {
        numbers.add(await numberShown(page));
        await passHere(REQUEST_TIME);
        await page.reload();
        await heading(page, 'The request ran out').waitFor();
        await press(button(page, 'Send a new one'));
      }
      await heading(page, 'No answer').waitFor();
      expect(numbers.size).toBe(3);
      await closeVisits(login);
    });

    test('K: a setup code that ran out connects nothing; the person is asked again, and the new one does', async () => {
      const [{ login }, phone] = await Promise.all([newcomer('dawdles'), openPhone()]);
      const { page } = login;
      await press(button(page, 'Register Device'));
      await heading(page, 'Connect your phone').waitFor();
      const old = await codeOn(page);
      await passHere(SETUP_TIME);
      await page.reload();
      await heading(page, 'The setup code ran out').waitFor();
      await connect(phone.page, old);
      await phone.page.getByText('This code was used or has run out. Get a new one.').first().waitFor();
      await press(button(phone.page, 'Cancel'));
      await press(button(page, 'Get a new code'));
      await press(button(page, 'Register Device'));
      await heading(page, 'Connect your phone').waitFor();
      const fresh = await codeOn(page);
      expect(fresh).not.toBe(old);
      await connect(phone.page, fresh);
      await heading(page, 'Save your recovery codes').waitFor();
      // The refusal is the server's answer to the old code, and the browser's console reports it.
      expect(phone.complaints.filter((line) => !line.includes('a status of 400'))).toEqual([]);
      await phone.context.close();
      await closeVisits(login);
    });
  });
});
