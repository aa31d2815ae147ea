import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type Appearance, mainAppearances, overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, closeVisits, describeInBrowser, keepPicture, openVisit } from '../support/browser.ts';
import { digestsOf, runSite, startBuiltSite } from './built-site.ts';

// The documentation as readers have it: built by its command, on a server for files below a path, and opened from a disk.

const PHONE = { width: 390, height: 844 };

/** One page of each kind. */
const KINDS = {
  front: 'index.html',
  guide: 'guides/mail.html',
  node: 'reference/nodes/push-authentication-sender.html',
  architecture: 'architecture.html',
  results: 'search.html?q=recovery%20code',
  missing: 'guides/no/such/page.html',
};

/** Kinds with so much on them that they are looked at once, unless somebody wants pictures of all. */
const LARGE = ['architecture'];
const kindsIn = ({ colorScheme }: Appearance) =>
  Object.entries(KINDS).filter(
    ([kind]) => colorScheme === 'light' || !LARGE.includes(kind) || process.env.ASSENT_TEST_SCREENSHOTS !== undefined,
  );

const searchField = (page: Page) => page.getByRole('combobox', { name: 'Search the documentation' });
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });

describeInBrowser('the site of the documentation', { start: startBuiltSite }, (suite) => {
  test('has pages by the hundred, and no link or anchor that leads nowhere', () => {
    const [, pages, problems] = /(\d+) pages in .*, (\d+) problems/.exec(suite.server.said) ?? [];
    expect(Number(pages)).toBeGreaterThan(200);
    expect(problems).toBe('0');
  });

  test('is the same, byte for byte, when it is built once more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assent-docs-site-'));
    expect(await runSite('--output', folder, '--base-path', '/docs/')).toMatchObject({ code: 0 });
    expect(digestsOf(folder)).toEqual(digestsOf(suite.server.folder));
    rmSync(folder, { recursive: true });
  });

  test.each(mainAppearances(PHONE))('is without violations in $appearance, and asks nobody else', async (look) => {
    const { appearance, ...window } = look;
    const visit = await openVisit(suite.browser, window);
    const { page } = visit;
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    const findings: string[] = [];
    for (const [kind, path] of kindsIn(look)) {
      const response = await page.goto(suite.server.url + path);
      expect(response?.status(), kind).toBe(kind === 'missing' ? 404 : 200);
      if (kind === 'results')
        await page.getByRole('listitem').filter({ hasText: 'Recovery Code Display' }).first().waitFor();
      findings.push(...(await accessibilityFindings(page)).map((finding) => `${kind}: ${finding}`));
      expect(await overflowOf(page), `${kind} does not scroll sideways`).toBeLessThanOrEqual(0);
      await keepPicture(page, `docs-${kind}-${appearance}`, 'viewport');
    }
    expect(findings).toEqual([]);
    expect([...asked]).toEqual([new URL(suite.server.url).origin]);
    // The list of the pages is open on a desk alone, where the page that is shown stands in sight.
    await page.goto(`${suite.server.url}adr/0075-judge-faults-by-what-was-told.html`);
    const shown = await page.locator('.s-nav [aria-current="page"]').evaluate((link) => {
      const { top, bottom } = link.getBoundingClientRect();
      return bottom > top && bottom <= innerHeight;
    });
    expect(shown).toBe(window.viewport.width > PHONE.width);
    const { complaints, context } = visit;
    expect(complaints.filter((line) => !line.includes('status of 404'))).toEqual([]);
    await context.close();
  });

  test('is searched by keys alone, and says to a screen reader what it found', async () => {
    const visit = await openVisit(suite.browser);
    const { page } = visit;
    await page.goto(`${suite.server.url}guides/mail.html`);
    await page.keyboard.press('Control+K');
    await page.keyboard.type('push sender');
    const field = searchField(page);
    await page.getByRole('option').first().waitFor();
    expect(await field.getAttribute('aria-expanded')).toBe('true');
    await page
      .getByRole('status')
      .filter({ hasText: /^\d+ results$/ })
      .waitFor({ state: 'attached' });
    await page.keyboard.press('ArrowDown');
    const active = page.locator(`#${await field.getAttribute('aria-activedescendant')}`);
    expect(await active.getAttribute('aria-selected')).toBe('true');
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await heading(page, 'Push Sender').waitFor();
    expect(page.url()).toBe(`${suite.server.url}reference/nodes/push-authentication-sender.html`);

    // Without a choice, Enter leads to all results; Escape takes the suggestions away before.
    await searchField(page).fill('ASSENT_DATABASE_URL');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('option').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Settings', exact: true }).and(page.locator('.s-results a')).waitFor();
    expect(await page.title()).toMatch(/^ASSENT_DATABASE_URL: \d+ results/);
    const excerpts = await page.locator('.s-results li p:last-child').evaluateAll((all) =>
      all.map((it) => ({
        shown: it.textContent.match(/ASSENT_DATABASE_URL/gi)?.length ?? 0,
        marked: [...it.querySelectorAll('mark')].filter((mark) => /^ASSENT_DATABASE_URL$/i.test(mark.textContent))
          .length,
      })),
    );
    expect(excerpts.some(({ shown }) => shown > 0)).toBe(true);
    expect(excerpts.filter(({ shown, marked }) => shown !== marked)).toEqual([]);
    await closeVisits(visit);
  });

  test('copies code, and gives the keyboard a place in what is wider than the window', async () => {
    const visit = await openVisit(suite.browser, {
      viewport: PHONE,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = visit;
    await page.goto(`${suite.server.url}index.html`);
    const block = page.locator('.s-code').filter({ hasText: 'npm start      # installs' });
    await block.getByRole('button', { name: 'Copy' }).click();
    await block.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^npm start +# installs/);
    expect(await block.locator('pre').getAttribute('tabindex')).toBe('0');
    await closeVisits(visit);
  });

  test('is read without a script: the menu opens, all pages are in a list, and there is no search that does nothing', async () => {
    const { page, context } = await openVisit(suite.browser, { javaScriptEnabled: false, viewport: PHONE });
    await page.goto(`${suite.server.url}guides/mail.html`);
    expect(await page.getByRole('search').isVisible()).toBe(false);
    const menu = page.getByRole('navigation', { name: 'Documentation' });
    expect(await menu.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Menu' }).click();
    await menu.getByRole('link', { name: 'Glossary' }).click();
    await heading(page, 'Glossary').waitFor();
    await page.getByRole('link', { name: 'All pages' }).first().click();
    await page.getByRole('main').getByRole('link', { name: 'Push Sender' }).click();
    await heading(page, 'Push Sender').waitFor();
    await context.close();
  });

  test('works from a disk, search included', async () => {
    const visit = await openVisit(suite.browser);
    const { page } = visit;
    await page.goto(pathToFileURL(join(suite.server.folder, 'guides/ldap.html')).href);
    await searchField(page).fill('recovery code');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.s-results a').first().waitFor();
    expect(new URL(page.url()).search).toBe('?q=recovery+code');
    await page.locator('.s-results a').first().click();
    await heading(page, 'Recovery Code Display Node').waitFor();
    await closeVisits(visit);
  });
});
