import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { asAdministrator } from '../support/administrator.ts';
import { accessibilityFindings, describeInBrowser, keepPicture, openVisit } from '../support/browser.ts';
import { realmPath } from '../support/realm-path.ts';
import { startServerProcess } from '../support/server-process.ts';

// How a realm looks on the login page: its name, its logo and its colour by day and by night, and no other realm's.

const ADMINISTRATOR = { name: 'amadmin', password: 'branding-over-http' };

/** A PNG of 96 by 32 pixels, squares in violet and yellow. */
const LOGO = `data:image/png;base64,${[
  'iVBORw0KGgoAAAANSUhEUgAAAGAAAAAgCAIAAABiouoDAAAAVUlEQVR42u3QQQ0AIBADwSrCCLKwhyfQcE+OSfrepJM5Vmlnp7TX+wEECBAgQIAAAQIECBAgQIAA',
  'AWoG9Nvhah8QIECAAAECBAgQIECAAAECBKgZ0AUSW6rxNYmpFAAAAABJRU5ErkJggg==',
].join('')}`;
const BRAND = { brandName: 'Acme 銀行', brandLogo: LOGO, brandColor: '#ffcc00' };

const OURS = { light: 'rgb(11, 107, 77)', dark: 'rgb(95, 211, 163)' } as const;
const THEMES: readonly { readonly theme: 'light' | 'dark'; readonly options: BrowserContextOptions }[] = [
  { theme: 'light', options: { colorScheme: 'light', viewport: { width: 390, height: 844 } } },
  { theme: 'dark', options: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } } },
];

const start = () => startServerProcess({ env: { ASSENT_ADMIN_PASSWORD: ADMINISTRATOR.password } });

describeInBrowser('how a realm looks', { start }, (suite) => {
  beforeAll(async () => {
    for (const name of ['acme', 'plain']) {
      const made = await administer('POST', `${realmPath('/')}/global-config/realms?_action=create`, { name });
      expect(made.status).toBe(201);
    }
    expect((await administer('PUT', `${realmPath('/acme')}/realm-config/services/assent`, BRAND)).status).toBe(200);
  });

  const administer = (method: 'POST' | 'PUT', path: string, body: unknown) =>
    asAdministrator({ am: suite.server.am, administrator: ADMINISTRATOR }, method, path, body);

  const open = async (page: Page, realm: string): Promise<void> => {
    await page.goto(`${suite.server.am}/login?realm=${realm}`);
    await page.getByLabel('User Name').waitFor();
  };
  const colourOfButton = (page: Page): Promise<string> =>
    page.getByRole('button', { name: 'Sign in' }).evaluate((button) => getComputedStyle(button).backgroundColor);

  describe.each(THEMES)('in the $theme theme', ({ theme, options }) => {
    test('its name, logo and colour are there at the first paint, and everything can be read', async () => {
      const { page, context, complaints } = await openVisit(suite.browser, options);
      await page.addInitScript(() => {
        const seen: string[] = [];
        Object.assign(globalThis, { seen });
        const note = () => {
          const brand = document.querySelector('.k-brand');
          const accent = getComputedStyle(document.documentElement).getPropertyValue('--a-accent');
          if (brand !== null) seen.push(`${brand.textContent} ${brand.querySelector('img') !== null} ${accent}`);
        };
        // From the HTML as it came, which the parser puts together by and by, to what the scripts make of it.
        const noteAll = () => {
          note();
          new MutationObserver(note).observe(document, { childList: true, subtree: true });
        };
        document.addEventListener('readystatechange', noteAll, { once: true });
      });
      await open(page, 'acme');

      await page.getByRole('banner').getByText('Acme 銀行').waitFor();
      expect(await page.title()).toContain('Acme 銀行');
      const logo = page.locator('.k-brand img');
      expect(await logo.evaluate((it) => (it as HTMLImageElement).naturalWidth)).toBe(96);
      expect(await page.locator('.k-brand svg').count()).toBe(0);
      expect(await colourOfButton(page)).not.toBe(OURS[theme]);

      const seen = await page.evaluate(() => (globalThis as unknown as { readonly seen: readonly string[] }).seen);
      const accent = await page.evaluate(() =>
        getComputedStyle(document.documentElement).getPropertyValue('--a-accent'),
      );
      expect([...new Set(seen)]).toEqual([`Acme 銀行 true ${accent}`]);
      expect(await accessibilityFindings(page)).toEqual([]);
      await keepPicture(page, `login-branded-${theme}`);
      expect(complaints).toEqual([]);
      await context.close();
    });

    test('another realm looks as ours do', async () => {
      const { page, context, complaints } = await openVisit(suite.browser, options);
      await open(page, 'plain');
      await page.getByRole('banner').getByText('plain', { exact: true }).waitFor();
      expect(await page.locator('.k-brand img').count()).toBe(0);
      expect(await colourOfButton(page)).toBe(OURS[theme]);
      expect(complaints).toEqual([]);
      await context.close();
    });
  });

  test('a logo that comes late moves nothing, and one that does not come keeps nobody from signing in', async () => {
    const { page, context } = await openVisit(suite.browser);
    let letCome = (): void => {};
    const mayCome = new Promise<void>((resolve) => {
      letCome = resolve;
    });
    await page.route('**/login/logo?*', async (route) => {
      await mayCome;
      await route.continue();
    });
    await page.goto(`${suite.server.am}/login?realm=acme`, { waitUntil: 'commit' });
    const place = () => page.getByRole('banner').getByText('Acme 銀行').boundingBox();
    await page.getByLabel('User Name').waitFor();
    const before = await place();
    letCome();
    await expect
      .poll(() => page.locator('.k-brand img').evaluate((it) => (it as HTMLImageElement).naturalWidth))
      .toBe(96);
    expect(await place()).toEqual(before);

    await page.unroute('**/login/logo?*');
    await page.route('**/login/logo?*', (route) => route.abort());
    await open(page, 'acme');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await context.close();
  });
});
