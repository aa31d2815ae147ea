import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { mainAppearances, overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, closeVisits, describeInBrowser, keepPicture, openVisit } from '../support/browser.ts';
import { startOAuthPages } from '../support/oauth-pages-server.ts';

// The pages of the provider as a browser shows them: how they look, that they need no script, and where Chromium lets their
// forms lead (spec: oidc §1.6).

const PHONE = { width: 390, height: 844 };
const SMALL = { width: 320, height: 640 };
const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja', 'ar'];
const SECRETS = /secret|st4te|c0de/;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const withoutScript: BrowserContextOptions = { javaScriptEnabled: false };

describeInBrowser('the pages of the provider', { start: startOAuthPages }, (suite) => {
  const at = (sample: string, parameters: Readonly<Record<string, string>> = {}): string =>
    `${suite.server.pages}/${sample}?${new URLSearchParams(parameters)}`;
  /** The form that sends itself would be gone before anybody has looked. */
  const holdScript = (page: Page) =>
    page.route('**/assets/oauth-*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  const focused = (page: Page) =>
    page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute('name'));

  describe.each([
    ...mainAppearances(PHONE).map((it) => ({ ...it, locale: 'en' })),
    { appearance: 'rtl-390', colorScheme: 'light', viewport: PHONE, locale: 'ar' } as const,
  ])('in $appearance', ({ appearance, colorScheme, viewport, locale }) => {
    test('are readable for everybody, and nothing in them is refused or leads away with a secret', async () => {
      const visit = await openVisit(suite.browser, { colorScheme, viewport });
      const { page } = visit;
      await holdScript(page);
      const findings: string[] = [];
      for (const sample of suite.server.samples) {
        await page.goto(at(sample, { locale }));
        await keepPicture(page, `oauth-${sample}-${appearance}`);
        findings.push(...(await accessibilityFindings(page)).map((finding) => `${sample}: ${finding}`));
        const links = await page.locator('a').evaluateAll((all) => all.map((it) => (it as HTMLAnchorElement).href));
        findings.push(...links.filter((link) => SECRETS.test(link) || !/^https?:/.test(link)));
        expect(await page.title(), sample).not.toBe('owned');
      }
      expect(findings).toEqual([]);
      await closeVisits(visit);
    });
  });

  test('fit a small screen in every language', async () => {
    const { page, context } = await openVisit(suite.browser, { ...withoutScript, viewport: SMALL });
    const tooWide: string[] = [];
    for (const sample of suite.server.samples) {
      for (const locale of LANGUAGES) {
        await page.goto(at(sample, { locale }));
        if ((await overflowOf(page)) > 0) tooWide.push(`${sample} in ${locale}`);
      }
    }
    expect(tooWide).toEqual([]);
    await context.close();
  });

  test('a consent is given by keys alone, and leads on through the application to where that goes', async () => {
    const { page, context } = await openVisit(suite.browser, withoutScript);
    await page.goto(at('consent', { target: `${suite.server.app}/callback` }));
    const stops: unknown[] = [];
    for (let stop = 0; stop < 7; stop += 1) {
      await page.keyboard.press('Tab');
      stops.push(await focused(page));
    }
    expect(stops).toEqual([
      'Privacy policy (opens in a new tab)',
      'Terms of use (opens in a new tab)',
      'save_consent',
      'Allow',
      'Deny',
      expect.stringContaining('English'),
      'Change language',
    ]);
    await page.getByRole('checkbox').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/home?**');
    const came = new URL(page.url());
    expect(came.hostname).toBe('127.0.0.1');
    expect(Object.fromEntries(came.searchParams)).toEqual({
      client_id: 'planner',
      state: 'st4te-secret',
      csrf: 'csrf-secret',
      decision: 'allow',
      save_consent: 'on',
    });
    await context.close();
  });

  test('a consent is refused by its other button', async () => {
    const { page, context } = await openVisit(suite.browser, withoutScript);
    await page.goto(at('consent', { target: `${suite.server.app}/callback` }));
    await button(page, 'Deny').click();
    await page.waitForURL('**/home?**');
    expect(new URL(page.url()).searchParams.get('decision')).toBe('deny');
    expect(new URL(page.url()).searchParams.has('save_consent')).toBe(false);
    await context.close();
  });

  test('a consent leads to an app on the device', async () => {
    const { page, context, complaints } = await openVisit(suite.browser);
    await page.goto(at('consent', { target: 'com.example.planner:/callback' }));
    // Nothing here opens such an address; the browser tries to, where a policy would have stopped it before.
    const tried = page.waitForEvent('requestfailed', (request) => request.url().startsWith('com.example.planner:'));
    await button(page, 'Allow').click();
    expect(new URL((await tried).url()).searchParams.get('decision')).toBe('allow');
    expect(complaints.filter((line) => line.includes('Content Security Policy'))).toEqual([]);
    await context.close();
  });

  test('what a hostile application sends is text, and decides nothing', async () => {
    const visit = await openVisit(suite.browser);
    const { page } = visit;
    await page.goto(at('consent-hostile', { target: `${suite.server.app}/callback` }));
    expect(await page.locator('img, main script, main b').count()).toBe(0);
    expect(await page.locator('a').count()).toBe(0);
    await button(page, 'Deny').click();
    await page.waitForURL('**/home?**');
    expect(new URL(page.url()).searchParams.getAll('decision')).toEqual(['deny']);
    expect(new URL(page.url()).searchParams.get('state')).toContain(`"><script>document.title='owned'</script>`);
    await closeVisits(visit);
  });

  test.each([
    ['by its script', {}],
    ['by a button where none runs', withoutScript],
  ])('an answer by a form is sent %s', async (_how, options) => {
    const { page, context, complaints } = await openVisit(suite.browser, options);
    const before = suite.server.forms.length;
    await page.goto(at('form-post', { target: `${suite.server.app}/callback` }), { waitUntil: 'commit' });
    if (options === withoutScript) await button(page, 'Continue').click();
    await page.getByText('taken').waitFor();
    expect(page.url()).toBe(`${suite.server.app}/callback`);
    const [form = ''] = suite.server.forms.slice(before);
    expect(Object.fromEntries(new URLSearchParams(form))).toMatchObject({ code: 'c0de-secret', submit: 'in the way' });
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a popup keeps its opener through the pages', async () => {
    const visit = await openVisit(suite.browser);
    const { page } = visit;
    const address = at('consent', { target: `${suite.server.app}/home` });
    await page.goto(`${suite.server.app}/opener?${encodeURIComponent(address)}`);
    const opened = page.waitForEvent('popup');
    await page.getByRole('button', { name: 'Open' }).click();
    const popup = await opened;
    await button(popup, 'Allow').click();
    await popup.waitForURL('**/home?**');
    expect(await popup.evaluate(() => (globalThis.opener as Window | null)?.document.title)).toBe('app');
    await closeVisits(visit);
  });

  test('a language is chosen by a list and a button, the request stays, and the choice is kept', async () => {
    const { page, context } = await openVisit(suite.browser, withoutScript);
    await page.goto(at('consent', { locale: 'fr', target: `${suite.server.app}/home` }));
    await page.getByRole('combobox').selectOption('ar');
    await button(page, 'Changer de langue').click();
    await page.locator('html[lang=ar][dir=rtl]').waitFor();
    expect((await context.cookies()).find(({ name }) => name === 'assent-locale')?.value).toBe('ar');
    await button(page, 'السماح').click();
    await page.waitForURL('**/home?**');
    expect([...new URL(page.url()).searchParams.keys()].toSorted()).toEqual(['client_id', 'csrf', 'decision', 'state']);
    await context.close();
  });

  test('a code is typed on a page that tells what is wrong with it', async () => {
    const { page, context } = await openVisit(suite.browser, withoutScript);
    await page.goto(at('device-code-unknown', { target: at('device-consent') }));
    const field = page.getByLabel('Code', { exact: true });
    expect(await field.inputValue()).toBe('wdjb mjht');
    await page.getByRole('alert').getByText('That code does not work.').waitFor();
    await field.fill('WDJB-MJHT');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Is this your device?' }).waitFor();
    expect(new URL(page.url()).searchParams.get('user_code')).toBe('WDJB-MJHT');
    await context.close();
  });
});
