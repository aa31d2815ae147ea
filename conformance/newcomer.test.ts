import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { describeInBrowser, keepPicture, openVisit } from './support/browser.ts';
import { addUser } from './support/people.ts';
import { connect, heading, toNumber, toSetupCode, typeNumber } from './support/phone-visit.ts';
import { startServerProcess } from './support/server-process.ts';

// Somebody who has read nothing but the first screen (issue 2, done when 1).

const DESKTOP = { width: 900, height: 760 };
const PHONE = { width: 390, height: 844 };

const HERE = fileURLToPath(new URL('..', import.meta.url));

/** A second terminal: runs a command as the screen spells it. */
const terminal = (command: string, home: string): ChildProcessWithoutNullStreams =>
  spawn('sh', ['-c', command], {
    cwd: HERE,
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: `${home}/.config` },
    detached: true,
  });

const output = (process: ChildProcessWithoutNullStreams): (() => string) => {
  let text = '';
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
    });
  }
  return () => text;
};

const found = (pattern: RegExp, text: string): readonly string[] => {
  const match = pattern.exec(text);
  if (match === null) throw new Error(`${pattern} is not in:\n${text}`);
  return match.slice(1);
};

describeInBrowser('a newcomer', { start: startServerProcess, browser: 'whole' }, (suite) => {
  const opened: ChildProcessWithoutNullStreams[] = [];

  afterAll(() => {
    for (const { pid, exitCode } of opened) if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGTERM');
  });

  test('does what the first screen says, and is signed in', async () => {
    const screen = suite.server.firstScreen();
    const [loginPage = '', user = '', password = ''] = found(/^ {2}Sign in +(\S+) +(\S+) \/ (\S+)$/m, screen);
    const [register = ''] = found(/^ +(\S.* phone register '<setup code>')$/m, screen);
    const [watch = ''] = found(/^ +(\S.* phone watch)$/m, screen);
    expect(screen).toMatch(/1 open Phone +2 open Sign in +3 choose Register Device +4 on Phone: Add, Paste/);

    const { page, context, complaints } = await openVisit(suite.browser, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.goto(loginPage);
    await page.getByLabel('User Name').fill(user);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Register Device' }).click();
    await page.getByRole('button', { name: 'Copy setup code' }).click();
    const code = await page.evaluate(() => navigator.clipboard.readText());
    expect(code).toMatch(/^pushauth:\/\//);

    const registering = terminal(register.replace('<setup code>', code), suite.server.scratch);
    const registered = output(registering);
    const [exitCode] = await once(registering, 'close');
    expect(exitCode, registered()).toBe(0);

    const watching = terminal(watch, suite.server.scratch);
    opened.push(watching);
    const watched = output(watching);
    await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor();
    expect(await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').count()).toBe(10);
    await page.getByLabel('I have saved these codes').check();
    await page.getByRole('button', { name: 'Continue' }).click();

    const shown = page.getByText(/^Your number: /);
    await shown.waitFor({ state: 'attached' });
    const number = ((await shown.textContent()) ?? '').replace(/\D/g, '');
    expect(number).toMatch(/^\d{6}$/);
    await expect.poll(watched).toMatch(/Type the 6 digits on your screen/);
    watching.stdin.write(`${number}\n`);

    await page.getByRole('heading', { name: `Signed in as ${user}` }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/am/account');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('needs nothing but a browser (issue 5, done when 4)', async () => {
    const screen = suite.server.firstScreen();
    const [loginPage = ''] = found(/^ {2}Sign in +(\S+)/m, screen);
    const [phonePage = ''] = found(/^ {2}Phone +(\S+)/m, screen);
    expect(screen).toMatch(/1 open Phone +2 open Sign in +3 choose Register Device +4 on Phone: Add, Paste/);
    await addUser(suite.server, 'newcomer');

    const phone = await openVisit(suite.browser, {
      viewport: PHONE,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await phone.page.goto(phonePage);
    const login = await openVisit(suite.browser, { viewport: DESKTOP });
    await login.page.goto(loginPage);
    const code = await toSetupCode(login.page, 'newcomer');
    await keepPicture(login.page, 'newcomer-1-setup-code', 'viewport');
    await connect(phone.page, code);
    const number = await toNumber(login.page);
    await heading(phone.page, 'Sign-in request').waitFor();
    await keepPicture(login.page, 'newcomer-2-number', 'viewport');
    await typeNumber(phone.page, number);
    await keepPicture(phone.page, 'newcomer-3-phone', 'viewport');
    await phone.page.getByRole('button', { name: 'Approve' }).click();
    await heading(login.page, 'Signed in as newcomer').waitFor();
    await keepPicture(login.page, 'newcomer-4-signed-in', 'viewport');

    expect([...login.complaints, ...phone.complaints]).toEqual([]);
    await Promise.all([login.context.close(), phone.context.close()]);
  });
});
