import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { accessibilityFindings, describeInBrowser, openVisit } from '../support/browser.ts';
import { letPageAsk } from '../support/first-step.ts';
import { startServerProcess } from '../support/server-process.ts';

// Every callback that a server of this contract can send (spec: journeys-rest §3.2), in the shapes of the wire.

interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: readonly { readonly name: string; readonly value: unknown }[];
}

const callback = (
  type: string,
  output: Readonly<Record<string, unknown>>,
  ...inputs: readonly unknown[]
): Callback => ({
  type,
  output: Object.entries(output).map(([name, value]) => ({ name, value })),
  ...(inputs.length > 0 && { input: inputs.map((value, index) => ({ name: `IDToken1x${index}`, value })) }),
});

const profile = [
  callback('ValidatedCreateUsernameCallback', { prompt: 'Username', failedPolicies: [] }, '', false),
  callback('ValidatedCreatePasswordCallback', { prompt: 'Password', failedPolicies: [] }, '', false),
  callback(
    'StringAttributeInputCallback',
    { name: 'sn', prompt: 'Last Name', required: true, failedPolicies: [] },
    '',
    false,
  ),
  callback(
    'NumberAttributeInputCallback',
    { name: 'age', prompt: 'Age', required: false, failedPolicies: [] },
    null,
    false,
  ),
  callback('BooleanAttributeInputCallback', { name: 'news', prompt: 'Send me news', required: false }, false, false),
  callback('ChoiceCallback', { prompt: 'Colour', choices: ['Red', 'Green'], defaultChoice: 0 }, 0),
  callback('TextInputCallback', { prompt: 'Nickname' }, ''),
  callback(
    'KbaCreateCallback',
    { prompt: 'Security', predefinedQuestions: ['First pet?'], allowUserDefinedQuestions: true },
    '',
    '',
  ),
  callback(
    'ConsentMappingCallback',
    { name: 'crm', displayName: 'CRM', isRequired: false, message: 'We tell our CRM.', fields: ['mail'] },
    false,
  ),
  callback(
    'TermsAndConditionsCallback',
    { version: '2.0', terms: 'Be <b>kind</b>.', createDate: '2026-01-15T12:00:00Z' },
    false,
  ),
];

describeInBrowser('callbacks on the login page', { start: startServerProcess }, (suite) => {
  /** The login page of a server that asks for this; `sent` has the callbacks of each submit. */
  const pageOf = async (callbacks: readonly Callback[]) => {
    const visit = await openVisit(suite.browser);
    const sent: (readonly Callback[])[] = [];
    let asks = callbacks;
    await visit.page.route('**/authenticate**', async (route) => {
      const body = route.request().postDataJSON() as { readonly callbacks?: readonly Callback[] };
      if (body.callbacks !== undefined) sent.push(body.callbacks);
      await route.fulfill({ json: { authId: `step-${sent.length}`, callbacks: asks } });
    });
    await letPageAsk(visit.context, suite.server.am);
    await visit.page.goto(`${suite.server.am}/login`);
    return {
      ...visit,
      sent,
      askNext: (next: readonly Callback[]) => {
        asks = next;
      },
    };
  };
  const goOn = (page: Page): Promise<void> => page.getByRole('button', { name: 'Continue' }).click();
  const valuesOf = (callbacks: readonly Callback[] | undefined) =>
    callbacks?.map(({ input }) => input?.map(({ value }) => value));

  test('a profile: every field has its control, what is missing is named, and each answer goes to its place', async () => {
    const { page, sent, context, complaints } = await pageOf(profile);
    await page.getByLabel('Username').fill('newcomer');
    await page.getByLabel('Password', { exact: true }).fill('correct horse');
    expect(await page.getByLabel('Password', { exact: true }).getAttribute('autocomplete')).toBe('new-password');
    await page.getByLabel('Age (optional)').fill('42');
    await page.getByLabel('Send me news').check();
    await page.getByLabel('Green').check();
    await page.getByLabel('Nickname').fill('New');
    expect(await accessibilityFindings(page)).toEqual([]);

    await goOn(page);
    for (const text of ['Enter your Last Name', 'This is needed.', 'Accept the terms to go on.']) {
      await page.getByRole('main').getByText(text).waitFor();
    }
    expect(sent).toEqual([]);
    expect(await accessibilityFindings(page)).toEqual([]);

    await page.getByLabel('Last Name').fill('Comer');
    await page.getByRole('combobox', { name: 'Security question' }).selectOption('A question of my own');
    await page.getByRole('textbox', { name: 'A question of my own' }).fill('Best tea?');
    await page.getByLabel('Answer').fill('Assam');
    await page.getByLabel('Share this with CRM').check();
    await page.getByLabel('I accept these terms').check();
    await goOn(page);
    await expect
      .poll(() => valuesOf(sent[0]))
      .toEqual([
        ['newcomer', false],
        ['correct horse', false],
        ['Comer', false],
        ['42', false],
        [true, false],
        [1],
        ['New'],
        ['Best tea?', 'Assam'],
        [true],
        [true],
      ]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a rule that the server finds broken is said under its field', async () => {
    const field = (failedPolicies: readonly string[]) =>
      callback('ValidatedCreatePasswordCallback', { prompt: 'Password', failedPolicies }, '', false);
    const { page, askNext, context } = await pageOf([field([])]);
    await page.getByLabel('Password', { exact: true }).fill('short');
    askNext([field(['{"params":{"minLength":8},"policyRequirement":"MIN_LENGTH"}'])]);
    await goOn(page);
    await page.getByText('It needs at least 8 characters.').waitFor();
    expect(await page.getByLabel('Password', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    await context.close();
  });

  test('providers are buttons, and the one that is pressed is the answer', async () => {
    const { page, sent, context } = await pageOf([
      callback(
        'SelectIdPCallback',
        {
          providers: [
            { provider: 'acme', uiConfig: { buttonDisplayName: 'Acme' } },
            { provider: 'localAuthentication' },
          ],
        },
        '',
      ),
    ]);
    await page.getByRole('button', { name: 'Use a password instead' }).waitFor();
    await page.getByRole('button', { name: 'Continue with Acme' }).click();
    await expect.poll(() => valuesOf(sent[0])).toEqual([['acme']]);
    await context.close();
  });

  test('Enter in a field sends the form, and presses no provider that stands before it', async () => {
    const { page, sent, context } = await pageOf([
      callback('SelectIdPCallback', { providers: [{ provider: 'acme' }, { provider: 'localAuthentication' }] }, ''),
      callback('NameCallback', { prompt: 'User Name' }, ''),
      callback('PasswordCallback', { prompt: 'Password' }, ''),
    ]);
    await page.getByLabel('User Name').fill('ann');
    await page.getByLabel('Password', { exact: true }).fill('secret');
    await page.keyboard.press('Enter');
    await expect.poll(() => valuesOf(sent[0])).toEqual([[''], ['ann'], ['secret']]);
    await context.close();
  });

  test('a redirect says where it leads, and never leads into a script', async () => {
    const { page, askNext, context } = await pageOf([
      callback('RedirectCallback', {
        redirectUrl: 'https://id.example.org/a?b=c',
        redirectMethod: 'GET',
        trackingCookie: true,
      }),
    ]);
    const link = page.getByRole('link', { name: 'Continue to id.example.org' });
    expect(await link.getAttribute('href')).toBe('https://id.example.org/a?b=c');
    askNext([callback('RedirectCallback', { redirectUrl: 'javascript:alert(1)', redirectMethod: 'GET' })]);
    await page.evaluate(() => sessionStorage.clear());
    await letPageAsk(context, suite.server.am);
    await page.reload();
    await page.getByText('This sign-in needs something this page cannot do: RedirectCallback.').waitFor();
    expect(await page.getByRole('main').getByRole('link').count()).toBe(0);
    await context.close();
  });

  test.each(['ReCaptchaCallback', 'IdPCallback', 'PingOneProtectEvaluationCallback', 'constructor', ''])(
    'what the page cannot do is said by name (%s), and what stands beside it stays usable',
    async (type) => {
      const { page, sent, context } = await pageOf([
        callback(type, { recaptchaSiteKey: 'x' }, 'as it came'),
        callback('TextInputCallback', { prompt: 'Nickname' }, ''),
      ]);
      await page.getByText(`This sign-in needs something this page cannot do: ${type}.`).waitFor();
      await page.getByLabel('Nickname').fill('New');
      await goOn(page);
      await expect.poll(() => valuesOf(sent[0])).toEqual([['as it came'], ['New']]);
      await context.close();
    },
  );

  test('what only an app can do is said, and goes on as what the page cannot do', async () => {
    const { page, sent, context } = await pageOf([
      {
        type: 'DeviceBindingCallback',
        output: [],
        input: ['jws', 'deviceName', 'deviceId', 'clientError'].map((name) => ({ name: `IDToken1${name}`, value: '' })),
      },
    ]);
    await page.getByText('Only the app on your phone can do this step.').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await goOn(page);
    await expect.poll(() => valuesOf(sent[0])).toEqual([['', '', '', 'Unsupported']]);
    await context.close();
  });

  test('a text of the server stays text', async () => {
    const markup = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>Hello <b>you</b>';
    const { page, context, complaints } = await pageOf([
      callback('TextOutputCallback', { message: markup, messageType: '0' }),
      callback('TextInputCallback', { prompt: markup }, ''),
    ]);
    await page.getByRole('main').getByText('Hello').first().waitFor();
    expect(await page.locator('img, main script').count()).toBe(0);
    expect(await page.title()).not.toContain('run');
    expect(complaints).toEqual([]);
    await context.close();
  });
});
