import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, type BrowserSuite, keepPicture, openVisit, type Visit } from '../support/browser.ts';
import { PASSWORD } from '../support/people.ts';

/** A part of the page, by its heading. */
export const section = (page: Page, name: string): Locator => page.getByRole('region', { name });
export const dialog = (page: Page): Locator => page.getByRole('dialog');

/** Signs in with the password alone: a session without a second factor. */
export const withPassword = async (
  { browser, server }: BrowserSuite<{ readonly am: string }>,
  name: string,
  options?: BrowserContextOptions,
): Promise<Visit> => {
  const visit = await openVisit(browser, options);
  await visit.page.goto(`${server.am}/login?service=Login`);
  await visit.page.getByLabel('User Name').fill(name);
  await visit.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await visit.page.getByRole('button', { name: 'Sign in' }).click();
  await section(visit.page, 'Recent activity').waitFor();
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
