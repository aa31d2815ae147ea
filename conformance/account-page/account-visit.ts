import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, type BrowserSuite, keepPicture, openVisit, type Visit } from '../support/browser.ts';
import { PASSWORD } from '../support/people.ts';
import { RestClient } from '../support/rest-client.ts';

/** A part of the page, by its heading. */
export const section = (page: Page, name: string): Locator => page.getByRole('region', { name });
export const dialog = (page: Page): Locator => page.getByRole('dialog');

type AccountSuite = BrowserSuite<{ readonly am: string }>;

const openAccount = async ({ page }: Visit, am: string): Promise<void> => {
  await page.goto(`${am}/account`);
  await section(page, 'Recent activity').waitFor();
};

/** Signs in with the password alone: a session without a second factor, which the browser asks for without a page. */
export const withPassword = async (
  { browser, server }: AccountSuite,
  name: string,
  options?: BrowserContextOptions,
): Promise<Visit> => {
  const visit = await openVisit(browser, options);
  const answer = await visit.context.request.post(new RestClient(server.am).authenticateUrl('Login'), {
    headers: {
      'accept-api-version': 'protocol=1.0,resource=2.1',
      'x-openam-username': name,
      'x-openam-password': PASSWORD,
    },
    data: {},
  });
  if (answer.status() !== 200) throw new Error(`${name} was refused with ${answer.status()}: ${await answer.text()}`);
  await openAccount(visit, server.am);
  return visit;
};

/** A window with a session that was made without it. */
export const withSession = async (
  { browser, server }: AccountSuite,
  tokenId: string,
  options?: BrowserContextOptions,
): Promise<Visit> => {
  const visit = await openVisit(browser, options);
  await visit.context.addCookies([{ name: 'iPlanetDirectoryPro', value: tokenId, url: server.am, httpOnly: true }]);
  await openAccount(visit, server.am);
  return visit;
};

/** Checks one screen after another; what lies over the page is as large as the window, and so is its picture. */
export const checksOf =
  (page: Page, appearance: string) =>
  async (screen: string, part: 'page' | 'viewport' = 'page'): Promise<void> => {
    await keepPicture(page, `account-${screen}-${appearance}`, part);
    expect(await accessibilityFindings(page), screen).toEqual([]);
    expect(await overflowOf(page), `${screen} does not scroll sideways`).toBeLessThanOrEqual(0);
    const window = page.viewportSize();
    if (window === null || window.width > 390) return;
    await page.setViewportSize({ width: 320, height: 740 });
    expect(await overflowOf(page), `${screen} fits into the narrowest window`).toBeLessThanOrEqual(0);
    await page.setViewportSize(window);
  };
