import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { closeVisits, describeInBrowser } from '../support/browser.ts';
import { heading, openLogin, signIn, typeNumber, upToRequest } from '../support/phone-visit.ts';
import { startServerProcess } from '../support/server-process.ts';

// Two windows that share nothing: the login page in one, the phone in the other (spec: ux §3, push-protocol §2–§4).

describeInBrowser('the phone in the browser', { start: startServerProcess }, (suite) => {
  const isGone = (page: Page): Promise<void> => heading(page, 'Sign-in request').waitFor({ state: 'detached' });

  test('a code that is pasted connects it, and the number typed on it signs in', async () => {
    const { login, phone, number } = await upToRequest(suite, 'approver');
    const facts = await phone.page.getByRole('main').textContent();
    expect(facts).toContain('approver');
    expect(facts).toContain('Chrome · Linux');
    expect(facts).not.toContain(number);
    await typeNumber(phone.page, number);
    await phone.page.getByRole('button', { name: 'Approve' }).click();
    await heading(phone.page, 'Answer sent').waitFor();
    await heading(login.page, 'Signed in as approver').waitFor();
    await closeVisits(login, phone);
  });

  test('keys alone are enough: tab, the number, enter', async () => {
    const { login, phone, number } = await upToRequest(suite, 'typist');
    // The heading has the focus; the field is the next stop.
    await phone.page.keyboard.press('Tab');
    await phone.page.keyboard.type(`${number.slice(0, 3)} ${number.slice(3)}`);
    await phone.page.keyboard.press('Enter');
    await heading(phone.page, 'Answer sent').waitFor();
    await phone.page.keyboard.press('Tab');
    await phone.page.keyboard.press('Enter');
    await heading(phone.page, 'No requests').waitFor();
    await heading(login.page, 'Signed in as typist').waitFor();
    await closeVisits(login, phone);
  });

  test('a request without a number asks for a plain yes or no', async () => {
    const { login, phone, number } = await upToRequest(suite, 'plain');
    await typeNumber(phone.page, number);
    await phone.page.getByRole('button', { name: 'Approve' }).click();
    await heading(login.page, 'Signed in as plain').waitFor();
    await phone.page.getByRole('button', { name: 'Done' }).click();

    const basic = await openLogin(suite, '?service=PushLoginBasic');
    await signIn(basic.page, 'plain');
    await heading(phone.page, 'Sign-in request').waitFor();
    expect(await phone.page.getByLabel('Number from the screen').count()).toBe(0);
    await phone.page.getByRole('button', { name: 'Approve' }).click();
    await heading(basic.page, 'Signed in as plain').waitFor();
    await closeVisits(login, phone, basic);
  });

  test('a denial with its reason ends the sign-in, and whoever was not asking for it can have all requests paused', async () => {
    const { login, phone } = await upToRequest(suite, 'denier');
    await phone.page.getByRole('button', { name: 'Deny' }).click();
    await heading(phone.page, 'What happened?').waitFor();
    await phone.page.getByLabel('It was not me').check();
    await phone.page.getByRole('button', { name: 'Deny this request' }).click();
    await heading(phone.page, 'Denied').waitFor();
    await phone.page.getByText('Somebody may know your password').waitFor();
    await heading(login.page, 'The request was denied').waitFor();
    await phone.page.getByRole('button', { name: 'Pause all requests for 1 hour' }).press('Enter');
    await phone.page.getByText('Requests are paused for an hour').first().waitFor();
    await closeVisits(login, phone);
  });

  test('a wrong number does not sign in, and the phone claims no more than that it answered', async () => {
    const { login, phone, number } = await upToRequest(suite, 'mistyper');
    await typeNumber(
      phone.page,
      number.replace(/./g, (digit) => String((Number(digit) + 1) % 10)),
    );
    await phone.page.getByRole('button', { name: 'Approve' }).click();
    await heading(phone.page, 'Answer sent').waitFor();
    await heading(login.page, 'The number did not match').waitFor();
    await closeVisits(login, phone);
  });

  test('nothing is sent before all digits are there', async () => {
    const { login, phone, number } = await upToRequest(suite, 'hasty');
    let answers = 0;
    phone.page.on('request', (request) => {
      if (request.url().includes('_action=authenticate')) answers += 1;
    });
    await typeNumber(phone.page, number.slice(0, -1));
    // Playwright does not press what says that it is disabled; people do.
    await phone.page.getByRole('button', { name: 'Approve' }).press('Enter');
    await phone.page.getByText('Type the 6 digits from the screen first.').first().waitFor();
    expect(answers).toBe(0);
    await closeVisits(login, phone);
  });

  test('a request that the login page gives up vanishes from the phone', async () => {
    const { login, phone } = await upToRequest(suite, 'leaver');
    await login.page.getByRole('button', { name: 'Lost phone? Use a recovery code' }).click();
    await heading(phone.page, 'No longer needed').waitFor();
    await isGone(phone.page);
    await closeVisits(login, phone);
  });
});
