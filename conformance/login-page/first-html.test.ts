import { get } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, openVisit } from '../support/browser.ts';
import { letPageAsk } from '../support/first-step.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { startServerProcess } from '../support/server-process.ts';

// The first HTML of the login page has the first step in it (spec: ux §0.2, §2.10, §7.3 A2, A3, A6, A7).

const KB = 1_000;

interface Received {
  readonly status: number;
  /** As they came over the wire, still compressed. */
  readonly bytes: number;
}

const receive = (url: string): Promise<Received> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
      response.on('error', reject);
    }).on('error', reject);
  });

describeInBrowser('the first HTML of the login page', { start: startServerProcess }, (suite) => {
  const login = (query = ''): string => `${suite.server.am}/login${query}`;
  const username = (page: Page) => page.getByLabel('User Name');
  const isFocused = (page: Page) => username(page).evaluate((it) => it === document.activeElement);
  const open = async (query = '', options: BrowserContextOptions = {}) => {
    const visit = await openVisit(suite.browser, options);
    await visit.page.goto(login(query));
    return visit;
  };
  /** What the server alone has made: no script runs. */
  const readHtml = (query = '', options: BrowserContextOptions = {}) =>
    open(query, { javaScriptEnabled: false, ...options });
  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent();
  /** Holds back the script until the result is called. */
  const holdScript = async (page: Page): Promise<() => void> => {
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/assets/login-*.js', async (route) => {
      await held;
      await route.continue();
    });
    return letGo;
  };

  test('the form is there without the script, and would send nothing in an address', async () => {
    const { page, context } = await readHtml();
    expect(await page.title()).toBe('Sign in – Assent');
    expect(await username(page).isVisible()).toBe(true);
    expect(await page.getByLabel('Password', { exact: true }).isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Sign in' }).isVisible()).toBe(true);
    expect(
      await page.locator('form').evaluateAll((forms) => forms.map((form) => (form as HTMLFormElement).method)),
    ).toEqual(['post']);
    expect(await page.locator('[style]').count()).toBe(0);
    await context.close();
  });

  test('two requests make it usable, of which none asks for the step, and nothing moves', async () => {
    const visit = await openVisit(suite.browser);
    const { page, context, complaints } = visit;
    const requests: string[] = [];
    page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
    const laterScreens = page.waitForResponse(/\/later-chunk-/);
    await page.goto(login());
    await expect.poll(() => isFocused(page)).toBe(true);
    const untilUsable = requests.filter((request) => !/\/(later-chunk|favicon)-/.test(request));
    expect(untilUsable).toEqual(['GET /am/login', expect.stringMatching(/^GET \/am\/assets\/login-[\w-]+\.js$/)]);
    // The last thing that the page loads by itself; what it moves is seen in the frame after.
    await laterScreens;
    const shifts = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const seen: PerformanceEntry[] = [];
          const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
          observer.observe({ type: 'layout-shift', buffered: true });
          requestAnimationFrame(() =>
            requestAnimationFrame(() => {
              seen.push(...observer.takeRecords());
              const values = seen.map((entry) => (entry as PerformanceEntry & { readonly value: number }).value);
              resolve(values.reduce((sum, value) => sum + value, 0));
            }),
          );
        }),
    );
    expect(shifts).toBe(0);
    expect(requests.filter((request) => request.startsWith('POST'))).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('it is painted, in its colours, while the script is still on its way', async () => {
    const { page, context, complaints } = await openVisit(suite.browser, { colorScheme: 'dark' });
    const letGo = await holdScript(page);
    await page.goto(login(), { waitUntil: 'commit' });
    const paints = () => page.evaluate(() => performance.getEntriesByName('first-contentful-paint').length);
    await expect.poll(paints).toBe(1);
    expect(await page.locator('html').evaluate((html) => getComputedStyle(html).backgroundColor)).toBe(
      'rgb(16, 22, 19)',
    );
    letGo();
    await expect.poll(() => isFocused(page)).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('the script takes over what is there: the same fields, what was typed in them, and where the cursor is', async () => {
    const { page, context, complaints } = await openVisit(suite.browser);
    const letGo = await holdScript(page);
    await page.goto(login(), { waitUntil: 'commit' });
    await username(page).fill('demo');
    await username(page).evaluate((it) => Object.assign(it, { wasThere: true }));
    letGo();
    // Only a script can show a password.
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: /^(Show|Hide) password$/ }).press('Enter');
        return page.getByRole('button', { name: 'Hide password' }).count();
      })
      .toBe(1);
    expect(await username(page).evaluate((it) => 'wasThere' in it)).toBe(true);
    expect(await username(page).inputValue()).toBe('demo');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('who was quicker than the script keeps the cursor', async () => {
    const { page, context } = await openVisit(suite.browser);
    const letGo = await holdScript(page);
    await page.goto(login(), { waitUntil: 'commit' });
    await username(page).click();
    await page.keyboard.type('de');
    letGo();
    await page.waitForResponse('**/assets/later-chunk-*.js');
    await page.keyboard.type('mo');
    expect(await username(page).inputValue()).toBe('demo');
    await context.close();
  });

  test('the step of the page goes on: one call, which answers it', async () => {
    const { page, context } = await open();
    const calls: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') calls.push(request.postData() ?? '');
    });
    await username(page).fill('demo');
    await page.getByLabel('Password', { exact: true }).fill('Ch4ng31t!');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page
      .getByRole('button', { name: /^(Not now|Register Device)$/ })
      .first()
      .waitFor();
    expect(calls[0]).toContain('PasswordCallback');
    await context.close();
  });

  test.each([
    ['what the address asks for', '?locale=ar', { locale: 'de-DE' }, 'ar', 'rtl'],
    ['what the browser prefers', '', { locale: 'fr-CH' }, 'fr', 'ltr'],
    ['what we speak best where nobody speaks it', '', { locale: 'eo' }, 'en', 'ltr'],
  ])('is in %s', async (_which, query, options, lang, dir) => {
    const { page, context } = await readHtml(query, options);
    expect(await page.locator('html').evaluate(({ lang, dir }: HTMLElement) => [lang, dir])).toEqual([lang, dir]);
    expect(await page.getByRole('combobox').inputValue()).toBe(lang);
    await context.close();
  });

  test('is in the language that was chosen here before', async () => {
    const { page, context } = await open();
    await page.getByRole('combobox', { name: 'Language' }).selectOption('ja');
    await page.locator('html[lang=ja]').waitFor();
    await page.goto('about:blank');
    await page.route('**/assets/*.js', (route) => route.abort());
    await page.goto(login());
    expect(await page.locator('html').getAttribute('lang')).toBe('ja');
    await context.close();
  });

  test.each([
    ['?service=NoSuchTree', 404, 'This sign-in page does not exist'],
    ['?realm=/nowhere', 404, 'This sign-in page does not exist'],
    ['?authIndexType=role&authIndexValue=x', 404, 'This sign-in page does not exist'],
  ])('says what is wrong with %s, by its status too', async (query, status, expected) => {
    expect((await receive(login(query))).status).toBe(status);
    const { page, context } = await readHtml(query);
    expect(await heading(page)).toBe(expected);
    expect(await page.title()).toMatch(/^Error: /);
    await context.close();
  });

  test('shows nothing of the name of a realm that is not there: anyone may have written the address', async () => {
    const { page, context } = await readHtml('?realm=/Call%20555-1234%20now');
    expect(`${await page.title()} ${await page.locator('body > :not(script)').first().textContent()}`).not.toContain(
      '555',
    );
    expect(await page.title()).toContain('Assent');
    await context.close();
  });

  test('knows who is signed in', async () => {
    await addUser(suite.server, 'insider');
    const { page, context } = await open('?service=Login');
    await username(page).fill('insider');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Signed in as insider' }).waitFor();
    await page.route('**/assets/*.js', (route) => route.abort());
    await page.goto(login('?service=Login'));
    expect(await heading(page)).toBe('Signed in as insider');
    await page.goto(login('?service=Login&ForceAuth=true'));
    expect(await heading(page)).toBe('Sign in');
    await context.close();
  });

  test('whom an application expects is in the field, and what is missing is asked for (spec: oidc §2.1)', async () => {
    const { page, context, complaints } = await open('?service=Login&login_hint=ann%22%3E');
    const password = page.getByLabel('Password', { exact: true });
    await expect.poll(() => password.evaluate((it) => it === document.activeElement)).toBe(true);
    expect(await username(page).inputValue()).toBe('ann">');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a reload in the middle of a journey shows no first step, not for one frame', async () => {
    const { page, context, complaints } = await open();
    await username(page).fill('demo');
    await page.getByLabel('Password', { exact: true }).fill('Ch4ng31t!');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const next = page.getByRole('button', { name: /^(Not now|Register Device)$/ }).first();
    await next.waitFor();
    await page.addInitScript(() => {
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      new MutationObserver(() => {
        if (document.querySelector('input[type=password]') !== null) seen.push('first step');
      }).observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await next.waitFor();
    expect(await page.evaluate(() => (globalThis as unknown as { readonly seen: readonly string[] }).seen)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('another tab is not kept from its own first step for long', async () => {
    const { page, context } = await open();
    await letPageAsk(context, suite.server.am);
    await page.goto(login());
    await username(page).waitFor();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('assent-under-way');
    await context.close();
  });

  test('a link of a mail is not used up by whoever only looks at it', async () => {
    const { page, context } = await readHtml('?suspendedId=abc&authIndexType=service&authIndexValue=Login');
    expect(await page.getByText('This link no longer works').count()).toBe(0);
    await context.close();
    const visit = await open('?suspendedId=abc&authIndexType=service&authIndexValue=Login');
    await visit.page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
    await visit.context.close();
  });

  test('is small: HTML with its style, and script at the first paint, and all that a sign-in may come to', async () => {
    const goto = `https://app.example.com/${'a'.repeat(900)}`;
    const html = await receive(login(`?locale=ar&goto=${encodeURIComponent(goto)}`));
    expect(html.bytes).toBeLessThanOrEqual(14 * KB);
    const source = await (await fetch(login())).text();
    const script = /\.\/(assets\/login-[\w-]+\.js)/.exec(source)?.[1] ?? '';
    const style = /<style nonce="[^"]+">([^<]+)<\/style>/.exec(source)?.[1] ?? '';
    expect(style).toContain('--a-accent');
    expect(gzipSync(style).length).toBeLessThanOrEqual(9 * KB);
    const sizeOf = async (path: string): Promise<number> => (await receive(`${suite.server.am}/${path}`)).bytes;
    expect(await sizeOf(script)).toBeLessThanOrEqual(24 * KB);

    const names = new Set([script]);
    for (const name of names) {
      const text = await (await fetch(`${suite.server.am}/${name}`)).text();
      for (const [, found] of text.matchAll(/["'`](?:\.\/|assets\/)([\w.-]+\.js)["'`]/g)) names.add(`assets/${found}`);
    }
    const languages = [...names].filter((name) => name.includes('/texts.'));
    expect(languages).toHaveLength(6);
    const sizes = await Promise.all(languages.map(sizeOf));
    // A person changes the language once; the first one comes with the HTML.
    const passkeys = [...names].filter((name) => name.includes('/passkey-'));
    expect(passkeys).toHaveLength(1);
    // Only a sign-in by a passkey has them, and that has no code to scan (spec: webauthn §11).
    expect(await sizeOf(passkeys[0] ?? '')).toBeLessThanOrEqual(3 * KB);
    const isOther = (name: string) => !languages.includes(name) && !passkeys.includes(name);
    const others = await Promise.all([...names].filter(isOther).map(sizeOf));
    const whole = others.reduce((sum, size) => sum + size, 0) + Math.max(...sizes);
    expect(others.length).toBeGreaterThanOrEqual(3);
    expect(whole).toBeLessThanOrEqual(40 * KB);
  });
});
