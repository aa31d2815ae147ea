import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, openVisit } from '../support/browser.ts';
import { addUser } from '../support/people.ts';
import { heading, openLogin, toSetupCode } from '../support/phone-visit.ts';
import { startServerProcess } from '../support/server-process.ts';

// The setup code opened where it is shown, with no camera: in our phone, or in an app that takes such links (spec: ux §2.4).

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1';
const HAND: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describeInBrowser('links of the setup code', { start: startServerProcess }, (suite) => {
  const links = async (page: Page): Promise<readonly (readonly [text: string, href: string])[]> =>
    page
      .getByRole('main')
      .locator('a.k-btn')
      .evaluateAll((all) => all.map((it) => [(it.textContent ?? '').trim(), it.getAttribute('href') ?? ''] as const));

  test('our phone takes the code over in a tab of its own, and the page that waited goes on', async () => {
    await addUser(suite.server, 'linked');
    const { page, context, complaints } = await openLogin(suite);
    await toSetupCode(page, 'linked');

    const opened = context.waitForEvent('page');
    await page.getByRole('link', { name: 'On this phone? Open in Assent (opens in a new tab)' }).click();
    const phone = await opened;
    await heading(phone, 'Connect this phone?').waitFor();
    // The code has a secret in it; it does not stay in the address.
    expect(new URL(phone.url()).hash).not.toContain('pushauth');
    await phone.getByRole('button', { name: 'Connect' }).click();

    await heading(page, 'Save your recovery codes').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test.each([
    ['on a desk', {}, false, ['On this phone? Open in Assent (opens in a new tab)', 'Open in another app']],
    ['in a hand', HAND, false, ['Open in Assent (opens in a new tab)', 'Open in another app']],
    // Its home-screen app has storage of its own, and takes no links.
    ['on an iPhone', { ...HAND, userAgent: IPHONE }, false, ['Open in the app']],
    ['where the server has no phone', {}, true, ['On this phone? Open in the app']],
  ])('%s, the code can be opened by what is there', async (where, options, isWithoutPhone, expected) => {
    const user = where.replaceAll(' ', '-');
    await addUser(suite.server, user);
    const { page, context } = await openVisit(suite.browser, options);
    if (isWithoutPhone) {
      await page.route('**/am/login', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.text()).replace(/,"phone":"[^"]*"/, '') });
      });
    }
    await page.goto(`${suite.server.am}/login`);
    const code = await toSetupCode(page, user);
    const shown = await links(page);
    expect(shown.map(([text]) => text)).toEqual(expected);
    for (const [text, href] of shown) {
      expect(href).toBe(text.includes('Assent') ? `${suite.server.am}/phone/#add=${encodeURIComponent(code)}` : code);
    }
    await context.close();
  });
});
