/// <reference lib="dom" />
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { PASSWORD } from './scenarios.ts';
import type { ServerProcess } from './server-process.ts';

const CHROMIUM = process.env.ASSENT_TEST_CHROMIUM ?? '/usr/bin/chromium';
/** Runs before the first that counts: both pages and the server are warm by then, as on any day. */
const WARM_RUNS = 3;
const PAINTS = 20;
/** A window of its own builds its own bars and menus for this long, which is no part of any page. */
const WINDOW_AT_REST_MILLIS = 700;

export interface ApprovalTimes {
  /** From the press of Approve on the phone page to "Signed in" painted on the login page, in milliseconds, by run. */
  readonly approvals: readonly number[];
  /** From a navigation with an empty cache to the first contentful paint of the login page, which is its form. */
  readonly paints: readonly number[];
}

/**
 * A8, A6: the login page in one window and the phone page in another that shares nothing with it. Both tell the time by
 * the clock of this machine, so the moments can be compared.
 */
export const approvalTimes = async (server: ServerProcess, runs: number): Promise<ApprovalTimes> => {
  await server.addUsers({ prefix: 'approval', count: 1, password: PASSWORD });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const am = `http://localhost:${server.port}/am`;
    const paints = await firstPaints(browser, am);
    const pair = await Pair.connect(browser, am);
    const approvals: number[] = [];
    for (let run = -WARM_RUNS; run < runs; run += 1) {
      const millis = await pair.signIn();
      if (run >= 0) approvals.push(millis);
    }
    return { approvals, paints };
  } finally {
    await browser.close();
  }
};

/**
 * Each in a profile of its own, with nothing in any cache, in a window at rest that comes from another site, as a user comes
 * from an application. What is counted begins with the navigation; the process that it needs is part of it.
 */
const firstPaints = async (browser: Browser, am: string): Promise<readonly number[]> => {
  const paints: number[] = [];
  const elsewhere = `${am.replace('//localhost', '//127.0.0.1')}/health/live`;
  for (let at = 0; at < PAINTS; at += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(elsewhere);
    await page.waitForTimeout(WINDOW_AT_REST_MILLIS);
    await page.goto(`${am}/login`);
    await page.getByLabel('User Name').waitFor();
    const paint = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => {
            for (const { name, startTime } of list.getEntries())
              if (name === 'first-contentful-paint') resolve(startTime);
          }).observe({ type: 'paint', buffered: true });
        }),
    );
    paints.push(paint);
    await context.close();
  }
  return paints;
};

/** A user in front of a login page, with the phone page in hand. */
class Pair {
  readonly #am: string;
  readonly #login: Page;
  readonly #loginContext: BrowserContext;
  readonly #phone: Page;
  #signedIn: (at: number) => void = () => {};
  #pressed = Number.NaN;

  private constructor(am: string, login: Page, phone: Page) {
    this.#am = am;
    this.#login = login;
    this.#loginContext = login.context();
    this.#phone = phone;
  }

  /** Registers the phone page for the user, and signs in a first time. */
  static async connect(browser: Browser, am: string): Promise<Pair> {
    const window = async () => (await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' })).newPage();
    const [login, phone] = await Promise.all([window(), window()]);
    const pair = new Pair(am, login, phone);
    await pair.#watch();
    await phone.goto(`${am}/phone/#add`);
    await pair.#enter();
    await login.getByRole('button', { name: 'Register Device' }).click();
    await login.getByRole('heading', { name: 'Connect your phone' }).waitFor();
    await phone.getByLabel('Setup code').fill(await login.locator('textarea').inputValue());
    await phone.getByRole('button', { name: 'Continue' }).click();
    await phone.getByRole('button', { name: 'Connect' }).click();
    await login.getByLabel('I have saved these codes').check();
    await login.getByRole('button', { name: 'Continue' }).click();
    await pair.#approve();
    return pair;
  }

  /** One sign-in; how long the approval took, in milliseconds. */
  async signIn(): Promise<number> {
    await this.#loginContext.clearCookies();
    await this.#enter();
    return this.#approve();
  }

  /** Both pages note their moment themselves: what a driver adds on the way is none of it. */
  async #watch(): Promise<void> {
    await this.#login.exposeFunction('tellSignedIn', (at: number) => this.#signedIn(at));
    await this.#login.addInitScript(() => {
      const { tellSignedIn } = globalThis as unknown as { tellSignedIn(at: number): void };
      const now = () => performance.timeOrigin + performance.now();
      const observer = new MutationObserver(() => {
        if (document.querySelector('.l-success') === null) return;
        observer.disconnect();
        // The frame with it is drawn when the one after it begins.
        requestAnimationFrame(() => requestAnimationFrame(() => tellSignedIn(now())));
      });
      observer.observe(document, { childList: true, subtree: true });
    });
    // The page goes on at once; held for a moment, its last frame is still drawn.
    await this.#login.route('**/am/console*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      await route.fulfill({ contentType: 'text/html', body: '<title>There</title>' });
    });
    await this.#phone.exposeFunction('tellPressed', (at: number) => {
      this.#pressed = at;
    });
    await this.#phone.addInitScript(() => {
      const { tellPressed } = globalThis as unknown as { tellPressed(at: number): void };
      const listener = (event: Event) => {
        const { target } = event;
        const button = target instanceof Element ? target.closest('button') : null;
        if (button?.textContent?.trim() === 'Approve') tellPressed(performance.timeOrigin + performance.now());
      };
      document.addEventListener('click', listener, { capture: true });
    });
  }

  /** Up to the step after the password and the device. */
  async #enter(): Promise<void> {
    const page = this.#login;
    await page.goto(`${this.#am}/login`);
    await page.getByLabel('User Name').fill('approval0');
    const password = page.getByLabel('Password', { exact: true });
    await password.fill(PASSWORD);
    await password.press('Enter');
    const later = page.getByRole('button', { name: 'Not now' });
    const next = page.getByRole('button', { name: 'Register Device' }).or(page.locator('.k-number'));
    await later.or(next).first().waitFor();
    if (await later.isVisible()) await later.click();
    await next.first().waitFor();
  }

  async #approve(): Promise<number> {
    const shown = this.#login.locator('.k-number [aria-hidden]');
    await shown.waitFor();
    const number = ((await shown.textContent()) ?? '').replace(/\D/g, '');
    await this.#phone.getByRole('heading', { name: 'Sign-in request' }).waitFor();
    for (const digit of number) await this.#phone.getByRole('button', { name: digit, exact: true }).click();
    const signedIn = new Promise<number>((resolve) => {
      this.#signedIn = resolve;
    });
    await this.#phone.getByRole('button', { name: 'Approve' }).click();
    const at = await signedIn;
    await this.#phone.getByRole('heading', { name: 'Sign-in request' }).waitFor({ state: 'detached' });
    await this.#login.waitForURL('**/am/console*');
    return at - this.#pressed;
  }
}
