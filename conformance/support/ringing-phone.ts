import { type BrowserSuite, closeVisits, openVisit, type Visit } from './browser.ts';
import { addUser } from './people.ts';
import { type AskedServer, connect, heading, openLogin, toNumber, toSetupCode, typeNumber } from './phone-visit.ts';
import type { WebPushProcess } from './web-push-process.ts';

/** A phone that rings through the push service, under the name of its user, who has signed in with it once. */
export const ringingPhone = async (
  suite: BrowserSuite<AskedServer>,
  pushService: WebPushProcess,
  name: string,
): Promise<Visit> => {
  const phone = await openVisit(suite.browser, {
    permissions: ['notifications'],
    viewport: { width: 390, height: 844 },
  });
  const { page } = phone;
  // Chromium's own push service is far away; the subscription is one of ours.
  await phone.context.addInitScript(
    (json: string) => {
      const made = { ...JSON.parse(json), options: {}, toJSON: () => JSON.parse(json), unsubscribe: async () => true };
      PushManager.prototype.getSubscription = async () => null;
      PushManager.prototype.subscribe = async () => made;
    },
    await pushService.subscription(name),
  );
  await page.goto(`${suite.server.am}/phone/`);
  await heading(page, 'Your phone approves your sign-ins').waitFor();
  await addUser(suite.server, name);
  const login = await openLogin(suite);
  await connect(page, await toSetupCode(login.page, name));
  await typeNumber(page, await toNumber(login.page));
  await page.getByRole('button', { name: 'Approve' }).click();
  await heading(login.page, `Signed in as ${name}`).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Turn on notifications' }).click();
  await page.goto(`${suite.server.am}/phone/#accounts`);
  await page.getByText('rings', { exact: false }).filter({ hasNotText: 'does not ring' }).first().waitFor();
  await closeVisits(login);
  return phone;
};
