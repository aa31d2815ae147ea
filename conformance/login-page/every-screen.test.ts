import type { BrowserContextOptions, Page, Request } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, describeInBrowser, keepPicture, openVisit } from '../support/browser.ts';
import { letPageAsk } from '../support/first-step.ts';
import { startServerProcess } from '../support/server-process.ts';

// Every screen and end state of the login page (spec: ux §7.1, §7.4): by day and by night, on a phone and a desk, and from
// right to left. Answers of the server are given by the test, so that also those are seen that no walk meets easily.

interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: readonly { readonly name: string; readonly value: unknown }[];
}
type Reply = { readonly status?: number; readonly body: object; readonly headers?: Readonly<Record<string, string>> };

const callback = (
  type: string,
  output: Readonly<Record<string, unknown>>,
  ...inputs: readonly unknown[]
): Callback => ({
  type,
  output: Object.entries(output).map(([name, value]) => ({ name, value })),
  ...(inputs.length > 0 && { input: inputs.map((value, index) => ({ name: `IDToken1x${index}`, value })) }),
});
const text = (message: string): Callback => callback('TextOutputCallback', { message, messageType: '0' });
const hidden = (id: string, value: string): Callback => callback('HiddenValueCallback', { id, value }, id);
const options = (...labels: readonly string[]): Callback =>
  callback('ConfirmationCallback', { options: labels, optionType: -1, messageType: 0, defaultOption: 0 }, 0);
const exit = callback('ConfirmationCallback', { options: ['Lost phone? Use a recovery code'], optionType: -1 }, 100);
const poll = (message: string): Callback => callback('PollingWaitCallback', { waitTime: '60000', message });
const step = (callbacks: readonly Callback[], more: object = {}): Reply => ({
  body: { authId: 'x', callbacks, ...more },
});
const phone = (given: object) => ({
  assent: {
    now: 0,
    journeyExpiresAt: 900_000,
    phone: { for: 'sign-in', expiresAt: 102_000, devices: ['Pixel 8'], ...given },
  },
});

const fields = [
  callback('NameCallback', { prompt: 'User Name' }, ''),
  callback('PasswordCallback', { prompt: 'Password' }, ''),
];
const first = step(fields);
const ceremony = [
  callback('MetadataCallback', { data: { relyingPartyId: 'rpId: "login.example.com",' } }),
  hidden('webAuthnOutcome', 'false'),
];
const passkey = (kind: 'create' | 'get', more: object = {}) => ({
  assent: {
    webauthn: { kind, options: { challenge: 'AQID', rpId: 'login.example.com', allowCredentials: [] }, ...more },
  },
});
/** The node's own button, in whose place ours stands. */
const button = callback('ConfirmationCallback', { options: ['Use a passkey'], optionType: -1 }, 100);
const wait = (message: string, number: string | undefined, more: object): Reply =>
  step([poll(message), ...(number === undefined ? [] : [hidden('pushChallengeNumber', number)]), exit], phone(more));
const waiting = wait('On your phone, type 483201.', '483201', {});
const failure = (detail: object = {}, message = 'Login failure'): Reply => ({
  status: 401,
  body: { code: 401, reason: 'Unauthorized', message, detail: { failureUrl: '', ...detail } },
});
const setupUri = `pushauth://push/Assent:demo?l=${'YQ'.repeat(20)}&issuer=QXNzZW50&m=REGISTER:${'b'.repeat(40)}&s=${'c'.repeat(43)}&c=${'d'.repeat(43)}&r=${'ZQ'.repeat(60)}&a=${'Zg'.repeat(60)}`;

/** What the page is answered: to its start, and to its first submit where a screen needs one. */
interface Screen {
  readonly start: Reply;
  readonly submit?: Reply;
  /** Seen when the screen is there. */
  readonly shows: string;
  /** A step that polls sends itself; any other is sent by its button. */
  readonly press?: string | RegExp;
  readonly isUnstreamed?: true;
  /** What it says once the button was pressed. */
  readonly says?: string;
  /** So long after the screen came; its words are then there, too. */
  readonly after?: { readonly millis: number; readonly says: string };
  /** The network is lost before the button is pressed. */
  readonly losesNetwork?: { readonly says: string };
}

const over = (detail: object, shows: string): Screen => ({
  start: waiting,
  submit: failure({ assent: detail }),
  shows,
  isUnstreamed: true,
});

const screens: Readonly<Record<string, Screen>> = {
  credentials: { start: first, shows: 'Sign in' },
  options: {
    start: step([
      text('Register a device to protect your account.'),
      options('Register Device', 'Get the App', 'Skip this step', 'Opt-out'),
    ]),
    shows: 'One more step',
  },
  qr: {
    start: step(
      [text('Scan this code.'), hidden('mfaDeviceRegistration', setupUri), poll('')],
      phone({ for: 'setup', devices: [] }),
    ),
    shows: 'Connect your phone',
  },
  'wait-type': { start: waiting, shows: 'Check your phone' },
  'wait-tap': { start: wait('On your phone, choose 42.', '42', {}), shows: 'Check your phone' },
  'wait-mixed': {
    start: wait('On your phone, type 483242 or choose its last two digits.', '483242', {
      devices: ['Pixel 8', 'iPad', 'Fairphone'],
    }),
    shows: 'Check your phone',
  },
  'wait-accept': { start: wait('Waiting for your phone…', undefined, {}), shows: 'Check your phone' },
  recovery: {
    start: waiting,
    submit: step([callback('NameCallback', { prompt: 'Recovery Code' }, '')]),
    press: 'Lost phone? Use a recovery code',
    shows: 'Use a recovery code',
  },
  'wait-late': { start: waiting, shows: 'Check your phone', after: { millis: 11_000, says: 'Nothing on your phone?' } },
  paused: {
    start: wait('On your phone, type 483201.', '483201', { pausedUntil: 3_600_000 }),
    shows: 'Requests to your phone are paused',
    after: { millis: 0, says: 'Try again in 60 minutes.' },
  },
  unreachable: {
    start: wait('On your phone, type 483201.', '483201', { unreachable: true }),
    shows: 'Your phone cannot be reached',
    after: { millis: 11_000, says: 'Open the app on your phone' },
  },
  passkey: { start: step([...ceremony, exit], passkey('get')), shows: 'Use your passkey' },
  'passkey-new': { start: step(ceremony, passkey('create')), shows: 'Create a passkey' },
  'passkey-offer': {
    start: step(
      [
        text(
          'With a passkey you sign in by your finger, your face or the PIN of this device, in place of password and phone.',
        ),
        callback(
          'ConfirmationCallback',
          { prompt: 'Sign in faster next time', options: ['Add a passkey', 'Not now', 'Do not ask again'] },
          100,
        ),
      ],
      { assent: { webauthn: { kind: 'offer', options: { goOnIn: 600_000 } } } },
    ),
    shows: 'Sign in faster next time',
  },
  // No address of ours has passkeys of another one.
  'passkey-problem': {
    start: step([...ceremony, exit], passkey('get')),
    shows: 'Use your passkey',
    press: /^Use your passkey|^Mit Passkey anmelden/,
    says: 'Passkeys do not work at the address of this page.',
  },
  'passkey-beside': {
    start: step([...fields, ...ceremony, button], passkey('get', { mediation: 'conditional', button: 0 })),
    shows: 'Sign in',
  },
  'passkey-unknown': { start: step(ceremony), shows: 'Use your passkey' },
  mail: {
    start: step([callback('SuspendedTextOutputCallback', { message: 'We have sent you a mail.', messageType: '0' })]),
    shows: 'Check your mail',
  },
  'form-unknown': {
    start: step([
      callback('ReCaptchaCallback', { recaptchaSiteKey: 'x' }, ''),
      callback('TextInputCallback', { prompt: 'Nickname' }, ''),
    ]),
    shows: 'Sign in',
  },
  'ran-out': { start: wait('On your phone, type 483201.', '483201', { expiresAt: 0 }), shows: 'The request ran out' },
  'setup-ran-out': {
    start: step([hidden('mfaDeviceRegistration', setupUri), poll('')], phone({ for: 'setup', expiresAt: 0 })),
    shows: 'The setup code ran out',
  },
  'end-denied': over({ end: 'denied', device: 'Pixel 8' }, 'The request was denied'),
  'end-number': over({ end: 'number' }, 'The number did not match'),
  'end-no-answer': over({ end: 'expired' }, 'No answer'),
  'end-withdrawn': over({ end: 'withdrawn' }, 'You started another sign-in'),
  'end-setup-refused': over({ end: 'setup-refused' }, 'Your phone was not connected'),
  'end-failed': {
    start: step([text('Go on?'), options('Yes', 'No')]),
    submit: failure(),
    press: 'Yes',
    shows: 'You are not signed in',
  },
  'end-locked': {
    start: step([text('Go on?'), options('Yes', 'No')]),
    submit: failure({}, 'User Locked Out.'),
    press: 'Yes',
    shows: 'This account is locked',
  },
  'end-away': {
    start: waiting,
    submit: failure({ errorCode: '110' }, 'Session has timed out'),
    press: 'Lost phone? Use a recovery code',
    shows: 'You were away for a while',
  },
  'end-no-journey': {
    start: { status: 400, body: { code: 400, message: 'No Configuration found' } },
    shows: 'This sign-in page does not exist',
  },
  'end-fault': {
    start: { status: 500, body: {}, headers: { 'x-transaction-id': 'a1b2c3d4' } },
    shows: 'Something went wrong on our side',
  },
  'end-gone': {
    start: failure({}, 'org.forgerock.openam.auth.nodes.framework.token.SuspendedAuthSessionException: gone'),
    shows: 'This link no longer works',
  },
  offline: {
    start: step([text('Go on?'), options('Yes', 'No')]),
    press: 'Yes',
    shows: 'One more step',
    losesNetwork: { says: 'You are offline.' },
  },
  busy: {
    start: step([text('Go on?'), options('Yes', 'No')]),
    submit: { status: 503, body: {}, headers: { 'retry-after': '60' } },
    press: 'Yes',
    shows: 'One more step',
  },
};

const screenOf = (name: string): Screen => {
  const screen = screens[name];
  if (screen === undefined) throw new RangeError(`There is no screen ${name}.`);
  return screen;
};

interface Appearance {
  readonly name: string;
  readonly options: BrowserContextOptions;
  readonly locale?: string;
  /** These screens; all where absent. */
  readonly only?: readonly string[];
  /** Colours and names are those of another appearance; only the width is of interest. */
  readonly isForWidth?: true;
}
const APPEARANCES: readonly Appearance[] = [
  { name: 'light-390', options: { viewport: { width: 390, height: 844 } } },
  { name: 'dark-1280', options: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } } },
  // A form, a code to scan, and the number that keeps its direction: every other screen is made of the same parts.
  {
    name: 'light-390-rtl',
    options: { viewport: { width: 390, height: 844 } },
    locale: 'ar',
    only: ['credentials', 'qr', 'wait-type'],
  },
  { name: 'light-320-de', options: { viewport: { width: 320, height: 568 } }, locale: 'de', isForWidth: true },
  ...(process.env.ASSENT_TEST_SCREENSHOTS === undefined
    ? []
    : ([
        { name: 'dark-390', options: { colorScheme: 'dark', viewport: { width: 390, height: 844 } }, isForWidth: true },
        { name: 'light-1280', options: { viewport: { width: 1280, height: 800 } }, isForWidth: true },
      ] satisfies Appearance[])),
];

const isSubmit = (request: Request): boolean =>
  /\/authenticate\b/.test(request.url()) &&
  request.method() === 'POST' &&
  (request.postDataJSON() as { readonly callbacks?: unknown }).callbacks !== undefined;

/** Each screen begins a journey of its own: a document remembers none of an earlier one. */
const forgetJourneys = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    if (location.protocol !== 'about:') sessionStorage.clear();
  });

describeInBrowser('every screen of the login page', { start: startServerProcess }, (suite) => {
  const show = async (
    page: Page,
    { start, submit, shows, press, isUnstreamed, says: then, after, losesNetwork }: Screen,
    locale: string | undefined,
  ): Promise<void> => {
    // The page before must not answer to this screen's replies, nor change the cookie of a journey that is under way.
    await page.goto('about:blank');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.route('**/authenticate**', async (route) => {
      const request = route.request();
      if (request.method() === 'GET') {
        if (isUnstreamed) await route.fulfill({ contentType: 'text/event-stream', body: 'event: ready\ndata: {}\n\n' });
        return;
      }
      const sends = isSubmit(request);
      if (sends && losesNetwork !== undefined) return route.abort('internetdisconnected');
      const { status = 200, body, headers = {} } = sends && submit !== undefined ? submit : start;
      await route.fulfill({ status, json: body, headers });
    });
    await page.context().setOffline(false);
    if (after !== undefined) await page.clock.install();
    await letPageAsk(page.context(), suite.server.am);
    const answered =
      submit === undefined || losesNetwork !== undefined
        ? undefined
        : page.waitForResponse((response) => isSubmit(response.request()));
    await page.goto(`${suite.server.am}/login${locale === undefined ? '' : `?locale=${locale}`}`);
    if (press !== undefined) {
      const button = page.getByRole('button', { name: press });
      await button.waitFor();
      await page.context().setOffline(losesNetwork !== undefined);
      await button.click();
    }
    const heading = page.getByRole('heading', { level: 1 });
    if (locale === undefined) await heading.filter({ hasText: shows }).waitFor();
    else {
      await answered;
      await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
      const content = page.getByRole('main').locator('button, a, input, .k-waiting, .k-head p');
      // What is there for whoever has no JavaScript is hidden from everybody else.
      await content.filter({ visible: true }).first().waitFor();
      await heading.waitFor();
    }
    if (after !== undefined) await page.clock.runFor(after.millis);
    const says = locale === undefined ? (then ?? (after ?? losesNetwork)?.says) : undefined;
    if (says !== undefined) await page.getByText(says).first().waitFor();
  };

  describe.each(APPEARANCES)('$name', ({ name: appearance, options: contextOptions, locale, only, isForWidth }) => {
    test('is accessible and fits its width', { timeout: 720_000 }, async () => {
      const { page, context } = await openVisit(suite.browser, contextOptions);
      await forgetJourneys(page);
      const findings: string[] = [];
      for (const name of only ?? Object.keys(screens)) {
        await show(page, screenOf(name), locale);
        expect(await page.evaluate(() => document.documentElement.dir || 'ltr')).toBe(locale === 'ar' ? 'rtl' : 'ltr');
        const found = isForWidth ? [] : await accessibilityFindings(page);
        findings.push(...found.map((finding) => `${name}: ${finding}`));
        const overflow = await overflowOf(page);
        if (overflow > 0) findings.push(`${name}: ${overflow} px too wide`);
        await keepPicture(page, `login-${name}-${appearance}`);
      }
      expect(findings).toEqual([]);
      await context.close();
    });
  });

  test.each(['light', 'dark'] as const)(
    'on a phone, the setup code is a link to an app first (%s)',
    async (colorScheme) => {
      const { page, context } = await openVisit(suite.browser, {
        colorScheme,
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      });
      await show(page, screenOf('qr'), undefined);
      const [first] = await page.getByRole('main').getByRole('link').all();
      expect(await first?.textContent()).toContain('Open in Assent');
      expect(await page.getByRole('img', { name: /^Setup code/ }).count()).toBe(0);
      expect(await accessibilityFindings(page)).toEqual([]);
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      await keepPicture(page, `login-qr-phone-${colorScheme}-390`);
      await context.close();
    },
  );

  test('with text at 200 %, everything is still there and nothing runs out at the side', async () => {
    const { page, context } = await openVisit(suite.browser, { viewport: { width: 640, height: 800 } });
    await forgetJourneys(page);
    for (const name of ['credentials', 'wait-type', 'options', 'end-denied'] as const) {
      await show(page, screenOf(name), undefined);
      await page.evaluate(() => {
        document.documentElement.style.fontSize = '200%';
      });
      expect(await overflowOf(page), name).toBeLessThanOrEqual(0);
    }
    await context.close();
  });
});
