import type { Browser, Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type Appearance, mainAppearances, overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, describeInBrowser, keepPicture, openVisit } from '../support/browser.ts';
import { startClockedServer } from '../support/clocked-server.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { newPhones } from '../support/phones.ts';
import { startServerProcess } from '../support/server-process.ts';

// The login page in a browser that runs no script, worked by keys alone (spec: ux §2.9, §7.2 K1 to K6).

const EXIT = 'Lost phone? Use a recovery code';
/** More stops than the longest of our screens has. */
const STOPS = 40;
const APPEARANCES = mainAppearances({ width: 390, height: 844 });

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const isShown = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { name, level: 1, exact: true }).waitFor();

/** Goes to an element by the Tab key alone, from the top of the page. */
const tabTo = async (target: Locator): Promise<void> => {
  await target.waitFor();
  for (let stops = 0; stops < STOPS; stops += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await target.page().keyboard.press('Tab');
  }
  throw new Error(`The Tab key does not come to ${target}.`);
};
const press = async (target: Locator): Promise<void> => {
  await tabTo(target);
  await target.page().keyboard.press('Enter');
};
const write = async (field: Locator, text: string): Promise<void> => {
  await tabTo(field);
  await field.page().keyboard.press('ControlOrMeta+A');
  await field.page().keyboard.insertText(text);
};
const numberOn = async (page: Page): Promise<string> => {
  await isShown(page, 'Check your phone');
  const shown = page.getByText(/^Your number: /);
  await shown.waitFor({ state: 'attached' });
  return ((await shown.textContent()) ?? '').replace(/\D/g, '');
};
const tellPassword = async (page: Page, name: string, password = PASSWORD): Promise<void> => {
  await write(page.getByLabel('User Name'), name);
  await write(page.getByLabel('Password', { exact: true }), password);
  await page.keyboard.press('Enter');
};
/** Past the profile of the device, which has no place without a script. */
const signIn = async (page: Page, name: string): Promise<void> => {
  await tellPassword(page, name);
  await isShown(page, 'One moment');
  await press(button(page, 'Continue'));
};
const toSetupCode = async (page: Page, name: string): Promise<string> => {
  await signIn(page, name);
  await press(button(page, 'Register Device'));
  await isShown(page, 'Connect your phone');
  return page.locator('textarea').inputValue();
};

/** Gives a page the colours and the size of an appearance where it stands: a walk without a script is too long to be taken for each. */
const dress = async (page: Page, { colorScheme, viewport }: Omit<Appearance, 'appearance'>): Promise<void> => {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(viewport);
};

/**
 * What axe finds on a page that runs no script, where axe cannot run either: it looks at the same HTML in another window, whose
 * style sheet takes it for one without a script. It does so in every appearance, which each finding begins with.
 */
const findingsOn = async (browser: Browser, page: Page): Promise<readonly string[]> => {
  const [html, url] = [await page.content(), page.url()];
  const copy = await openVisit(browser);
  await copy.page.route('**/assets/*.js', (route) => route.abort());
  await copy.page.route('**/assets/*.css', async (route) => {
    const response = await route.fetch();
    const css = (await response.text()).replace(/\(scripting: ?none\)/g, 'all');
    await route.fulfill({ response, body: css });
  });
  await copy.page.route(url, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
  await copy.page.goto(url);
  const findings: string[] = [];
  for (const { appearance, ...window } of APPEARANCES) {
    await dress(copy.page, window);
    findings.push(...(await accessibilityFindings(copy.page)).map((finding) => `${appearance}: ${finding}`));
  }
  await copy.context.close();
  return findings;
};

describeInBrowser('without a script', { start: startServerProcess }, (suite) => {
  const open = async (query = '') => {
    const visit = await openVisit(suite.browser, { javaScriptEnabled: false });
    await visit.page.goto(`${suite.server.am}/login${query}`);
    return visit;
  };
  const phones = newPhones();
  const isSignedIn = async (page: Page): Promise<void> => {
    await isShown(page, 'Signed in');
    expect((await page.context().cookies()).map(({ name }) => name)).toContain('iPlanetDirectoryPro');
    expect(await page.getByRole('link', { name: 'Continue' }).getAttribute('href')).toBe(`${suite.server.am}/console`);
  };
  /** A user with a phone, at the number of the next sign-in. */
  const owner = async (name: string) => {
    await addUser(suite.server, name);
    const { page, context } = await open();
    const code = await toSetupCode(page, name);
    await phones.register(name, code);
    await isShown(page, 'Your phone has answered');
    await press(button(page, 'Continue'));
    await isShown(page, 'Save your recovery codes');
    const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents();
    await press(button(page, 'Continue'));
    return { page, context, codes, number: await numberOn(page) };
  };

  test('K1: a wrong password is said, with the name kept, and the right one goes on', async () => {
    await addUser(suite.server, 'fumbler');
    const { page, context } = await open('?service=Login');
    await tellPassword(page, 'fumbler', 'not this one');
    await page.getByText('That did not work. Check your username and password.').waitFor();
    expect(await page.title()).toMatch(/^Error: Sign in/);
    expect(await page.getByLabel('User Name').inputValue()).toBe('fumbler');
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    expect(await page.content()).not.toContain('not this one');
    await tellPassword(page, 'fumbler');
    await isSignedIn(page);
    await context.close();
  });

  test('what is missing is named, and what was typed stays', async () => {
    const { page, context } = await open();
    await write(page.getByLabel('User Name'), 'forgetful');
    await page.keyboard.press('Enter');
    await page.getByText('Enter your Password').waitFor();
    expect(await page.getByLabel('Password', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel('User Name').inputValue()).toBe('forgetful');
    await context.close();
  });

  test('K3, K2: connects a phone, keeps the codes, and is signed in when the phone has answered', async () => {
    await addUser(suite.server, 'newcomer');
    const { page, context } = await open();
    const findings: string[] = [];
    const check = async (screen: string): Promise<void> => {
      findings.push(...(await findingsOn(suite.browser, page)).map((finding) => `${screen}: ${finding}`));
      for (const { appearance, ...window } of APPEARANCES) {
        await dress(page, window);
        await keepPicture(page, `login-no-js-${screen}-${appearance}`);
        const width = await overflowOf(page);
        expect(width, `${screen} does not scroll sideways in ${appearance}`).toBeLessThanOrEqual(0);
      }
    };
    await check('credentials');
    const code = await toSetupCode(page, 'newcomer');
    expect(
      await page
        .getByRole('img', { name: /^Setup code/ })
        .locator('path')
        .getAttribute('d'),
    ).toMatch(/^M\d/);
    await check('qr');
    await phones.register('newcomer', code);
    await isShown(page, 'Your phone has answered');
    await check('answered');
    // It is a page of the realm like any other, and the language of the journey can be changed there, too.
    expect(await page.getByRole('banner').textContent()).toBe('Assent');
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await press(button(page, 'Change language'));
    await isShown(page, 'Ihr Smartphone hat geantwortet');
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('en');
    await press(button(page, 'Sprache ändern'));
    await isShown(page, 'Your phone has answered');
    await press(button(page, 'Continue'));
    await isShown(page, 'Save your recovery codes');
    expect(await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').count()).toBe(10);
    expect(await button(page, 'Download').isVisible()).toBe(false);
    await check('codes');
    // They are shown once, so that answer is what a reload brings again.
    const codes = await page.getByRole('list', { name: 'Recovery codes' }).textContent();
    await page.reload();
    expect(await page.getByRole('list', { name: 'Recovery codes' }).textContent()).toBe(codes);
    await press(button(page, 'Continue'));
    const number = await numberOn(page);
    await check('wait');
    await phones.approve('newcomer', number);
    await isShown(page, 'Your phone has answered');
    expect(await page.getByRole('heading', { name: 'Check your phone' }).isVisible()).toBe(false);
    await press(button(page, 'Continue'));
    await isSignedIn(page);
    await check('success');
    expect(findings).toEqual([]);
    expect(page.url()).toBe(`${suite.server.am}/login`);
    await context.close();
  });

  test('K2: says by a button that the phone has answered, where no answer is held', async () => {
    const { page, context, number } = await owner('buttoner');
    await press(button(page, 'I have approved it'));
    expect(await numberOn(page)).toBe(number);
    // The connection ends, as behind a proxy that gives nothing away before the end.
    await context.setOffline(true);
    await context.setOffline(false);
    await phones.approve('buttoner', number);
    await press(button(page, 'I have approved it').or(button(page, 'Continue')).first());
    await isSignedIn(page);
    await context.close();
  });

  test('K4: leaves the phone for a recovery code, mistypes it, and signs in by the right one', async () => {
    const { page, context, codes } = await owner('recoverer');
    await press(button(page, EXIT));
    await isShown(page, 'Use a recovery code');
    const field = page.getByLabel('Recovery Code');
    await write(field, '0000-0000-0000-0000');
    await page.keyboard.press('Enter');
    await page.getByText('That code did not work. Try another one.').waitFor();
    await write(field, codes[0]?.toLowerCase() ?? '');
    await page.keyboard.press('Enter');
    await isSignedIn(page);
    await context.close();
  });

  test('K6: a request that was denied ends in words', async () => {
    const { page, context } = await owner('denier');
    await phones.deny('denier', 'not_me');
    await isShown(page, 'Your phone has answered');
    await press(button(page, 'Continue'));
    await isShown(page, 'The request was denied');
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('iPlanetDirectoryPro');
    await press(button(page, 'Start over').first());
    await page.getByLabel('User Name').waitFor();
    await context.close();
  });

  test('a language is chosen by a list and a button, and the step stays', async () => {
    await addUser(suite.server, 'polyglot');
    const { page, context } = await open('?locale=en');
    await signIn(page, 'polyglot');
    await button(page, 'Register Device').waitFor();
    await page.getByRole('combobox', { name: 'Language' }).selectOption('ar');
    await press(button(page, 'Change language'));
    await page.locator('html[lang=ar][dir=rtl]').waitFor();
    await page.getByRole('main').getByRole('button').first().waitFor();
    expect((await context.cookies()).find(({ name }) => name === 'assent-locale')?.value).toBe('ar');
    // Its address still asks for another one, and what was chosen goes before that.
    await press(page.getByRole('main').getByRole('button').first());
    await page.locator('textarea').waitFor({ state: 'attached' });
    expect(await page.locator('html').getAttribute('lang')).toBe('ar');
    await context.close();
  });

  test('who is signed in goes on, or signs out to be somebody else', async () => {
    await addUser(suite.server, 'insider');
    const { page, context } = await open('?service=Login');
    await tellPassword(page, 'insider');
    await isSignedIn(page);
    await page.goto(`${suite.server.am}/login?service=Login`);
    await isShown(page, 'Signed in as insider');
    await press(button(page, 'Use another account'));
    await page.getByLabel('User Name').waitFor();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('iPlanetDirectoryPro');
    await context.close();
  });

  test('a form that was sent before the script could is taken up by the script', async () => {
    await addUser(suite.server, 'quick');
    const { page, context, complaints } = await openVisit(suite.browser);
    await page.route('**/assets/login-*.js', (route) => route.abort(), { times: 1 });
    await page.goto(`${suite.server.am}/login`);
    await tellPassword(page, 'quick');
    await button(page, 'Not now').or(button(page, 'Register Device')).first().waitFor();
    expect(page.url()).toBe(`${suite.server.am}/login`);
    expect(complaints.filter((line) => !line.includes('ERR_FAILED'))).toEqual([]);
    await context.close();
  });
});

describeInBrowser('without a script, too late', { start: startClockedServer }, (suite) => {
  test('K5: a request that ran out is not sent anew before somebody asks for it', async () => {
    await suite.server.control('user', { realm: '/', username: 'sleeper', password: PASSWORD });
    const { page, context } = await openVisit(suite.browser, { javaScriptEnabled: false });
    await page.goto(`${suite.server.am}/login`);
    const code = await toSetupCode(page, 'sleeper');
    await newPhones().register('sleeper', code);
    await isShown(page, 'Your phone has answered');
    await press(button(page, 'Continue'));
    await isShown(page, 'Save your recovery codes');
    await press(button(page, 'Continue'));
    const first = await numberOn(page);
    await suite.server.control('advance', { millis: 120_000 });
    await press(button(page, 'I have approved it'));
    await isShown(page, 'The request ran out');
    expect(await findingsOn(suite.browser, page)).toEqual([]);
    await press(button(page, 'Send a new one'));
    expect(await numberOn(page)).not.toBe(first);
    await context.close();
  });
});
