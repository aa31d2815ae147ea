import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@assent/test-servers';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allowOrigins } from '../support/administrator.ts';
import { closeVisits, describeInBrowser, keepPicture, openVisit, type Visit } from '../support/browser.ts';
import { addUser } from '../support/people.ts';
import { connect, heading, openPhone, signIn, toNumber, toSetupCode, typeNumber } from '../support/phone-visit.ts';
import { startServerProcess } from '../support/server-process.ts';

// The applications of `examples/` with the client that every new server has, and our phone (issue 14, done when 5).

const EXAMPLES = {
  spa: { file: 'spa/serve.mjs', control: 'button' },
  server: { file: 'server/server.mjs', control: 'link' },
} as const;
/** As wide as the pictures of the pages in the README. */
const WINDOW = { width: 900, height: 560 };
type Example = keyof typeof EXAMPLES;

describeInBrowser('the examples', { start: startServerProcess }, (suite) => {
  const started: ChildProcess[] = [];
  const origins = new Map<Example, string>();
  let phone: Visit;

  /** As its first lines say, but for the port, which may be taken here. */
  const startExample = async (name: Example): Promise<void> => {
    const port = await freePort();
    const env = { ...process.env, ISSUER: `${suite.server.am}/oauth2/realms/root`, PORT: String(port) };
    const file = fileURLToPath(new URL(`../../examples/${EXAMPLES[name].file}`, import.meta.url));
    const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    const ended = once(child, 'exit').then(([code]) => [`It ended with ${code}.`]);
    const [line] = await Promise.race([once(child.stdout, 'data'), ended]);
    expect(String(line)).toContain(`Open http://localhost:${port}/`);
    origins.set(name, `http://localhost:${port}`);
  };

  beforeAll(async () => {
    await Promise.all([startExample('spa'), startExample('server'), addUser(suite.server, 'ada')]);
    // The client lets in the page at the port of the example alone.
    await allowOrigins(suite.server, [origins.get('spa') ?? '']);
    phone = await openPhone(suite);
  });
  afterAll(async () => {
    for (const child of started) child.kill();
    await closeVisits(phone);
  });

  const approve = async (page: Page): Promise<void> => {
    const number = await toNumber(page);
    await heading(phone.page, 'Sign-in request').waitFor();
    await typeNumber(phone.page, number);
    await phone.page.getByRole('button', { name: 'Approve' }).click();
  };

  test('spa says what to look at where the server does not answer to it', async () => {
    const { page, context } = await openVisit(suite.browser);
    const origin = origins.get('spa') ?? '';
    await page.route(`${suite.server.am}/**`, (route) => route.abort());
    await page.goto(`${origin}/`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const problem = `${suite.server.am}/oauth2/realms/root does not answer to pages of ${origin}. Does Assent run?`;
    await expect.poll(() => page.getByRole('status').textContent()).toBe(`That did not work: ${problem}`);
    await context.close();
  });

  test.each<[Example, (page: Page) => Promise<void>]>([
    ['spa', async (page) => connect(phone.page, await toSetupCode(page, 'ada'))],
    ['server', (page) => signIn(page, 'ada')],
  ])('%s signs in with the phone, and out again', async (name, firstFactor) => {
    const visit = await openVisit(suite.browser, { viewport: WINDOW });
    const { page } = visit;
    const origin = origins.get(name) ?? '';
    const status = page.getByRole('status');
    const { control } = EXAMPLES[name];
    await page.goto(`${origin}/`);
    await page.getByRole(control, { name: 'Sign in' }).click();
    await firstFactor(page);
    await approve(page);
    await page.waitForURL(`${origin}/`);
    // With what the phone has proven, out of the ID token (walk 1).
    await expect.poll(() => status.textContent()).toBe('Signed in as ada, by pwd, swk, user, mca, mfa.');
    await keepPicture(page, `application-${name}`, 'viewport');
    await page.getByRole(control, { name: 'Sign out' }).click();
    await expect.poll(() => status.textContent()).toBe('Nobody is signed in.');
    expect(page.url()).toBe(`${origin}/`);
    // The session of the server is over too.
    await page.goto(`${suite.server.am}/account`);
    await heading(page, 'You are not signed in').waitFor();
    await closeVisits(visit);
  });
});
