import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { type BrowserSuite, openVisit, type Visit } from './browser.ts';
import { addUser, PASSWORD } from './people.ts';
import type { ServerProcess } from './server-process.ts';

export const heading = (page: Page, name: string): Locator => page.getByRole('heading', { name, level: 1 });

/** A window of its own with the phone in it. */
export const openPhone = async (
  { browser, server }: BrowserSuite<{ readonly am: string }>,
  options: BrowserContextOptions = {},
): Promise<Visit> => {
  const visit = await openVisit(browser, { viewport: { width: 390, height: 844 }, ...options });
  await visit.page.goto(`${server.am}/phone/`);
  await visit.page.getByRole('heading', { level: 1 }).waitFor();
  return visit;
};

/** Another window, with the login page in it. */
export const openLogin = async (
  { browser, server }: BrowserSuite<{ readonly am: string }>,
  query = '',
  options: BrowserContextOptions = {},
): Promise<Visit> => {
  const visit = await openVisit(browser, options);
  await visit.page.goto(`${server.am}/login${query}`);
  await visit.page.getByLabel('User Name').waitFor();
  return visit;
};

/** From the password to the step after the device profile. */
export const signIn = async (page: Page, name: string): Promise<void> => {
  await page.getByLabel('User Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const later = page.getByRole('button', { name: 'Not now' });
  const next = page.getByRole('button', { name: 'Register Device' }).or(heading(page, 'Check your phone'));
  await later.or(next).first().waitFor();
  if (await later.isVisible()) await later.click();
  await next.first().waitFor();
};

/** The setup code that the login page shows. */
export const codeOn = (page: Page): Promise<string> => page.locator('textarea').inputValue();

/** The setup code of a user who has no phone yet. */
export const toSetupCode = async (page: Page, name: string): Promise<string> => {
  await signIn(page, name);
  await page.getByRole('button', { name: 'Register Device' }).click();
  await heading(page, 'Connect your phone').waitFor();
  return codeOn(page);
};

/** Pastes a code on the phone and says yes to it. */
export const connect = async (page: Page, code: string): Promise<void> => {
  await page.goto(`${page.url().split('#')[0]}#add`);
  await page.getByLabel('Setup code').fill(code);
  await page.getByRole('button', { name: 'Continue' }).click();
  await heading(page, 'Connect this phone?').waitFor();
  await page.getByRole('button', { name: 'Connect' }).click();
};

/** The number that the login page shows, without its gaps. */
export const numberOn = async (page: Page): Promise<string> => {
  const shown = page.getByText(/^Your number: /);
  await shown.waitFor({ state: 'attached' });
  return ((await shown.textContent()) ?? '').replace(/\D/g, '');
};

/** Past the recovery codes, to the number that the login page shows. */
export const toNumber = async (page: Page): Promise<string> => {
  const codes = page.getByLabel('I have saved these codes');
  await codes.or(heading(page, 'Check your phone')).first().waitFor();
  if (await codes.isVisible()) {
    await codes.check();
    await page.getByRole('button', { name: 'Continue' }).click();
  }
  await heading(page, 'Check your phone').waitFor();
  return numberOn(page);
};

/** Types the number by the keys of the pad, as a thumb does. */
export const typeNumber = async (page: Page, number: string): Promise<void> => {
  for (const digit of number) await page.getByRole('button', { name: digit, exact: true }).click();
};

/** A server on which users can be made. */
export type AskedServer = Pick<ServerProcess, 'am' | 'administrator'>;

/** The two windows of a user who is asked for an approval, and the number that the login page shows. */
export interface AskedUser {
  readonly login: Visit;
  readonly phone: Visit;
  readonly number: string;
}

/** A new user with a phone, up to the first request on both sides; `prepare` has the login page before anything happens there. */
export const upToRequest = async (
  suite: BrowserSuite<AskedServer>,
  name: string,
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<AskedUser> => {
  await addUser(suite.server, name);
  const [login, phone] = await Promise.all([openLogin(suite), openPhone(suite)]);
  await prepare(login.page);
  await connect(phone.page, await toSetupCode(login.page, name));
  const number = await toNumber(login.page);
  await heading(phone.page, 'Sign-in request').waitFor();
  return { login, phone, number };
};
