import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, type TestOptions } from 'vitest';

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const NAMED = process.env.ASSENT_TEST_CHROMIUM;
const WHOLE = NAMED ?? '/usr/bin/chromium';
/** The engine alone, without the windows around it: the same pages at a third of the work. */
const SHELL = NAMED ?? '/usr/bin/chromium-headless-shell';

/** Which Chromium: for a suite about what surrounds a page (its worker, notices, cameras) the whole one. */
type BrowserKind = 'shell' | 'whole';
const programOf = (kind: BrowserKind): string => (kind === 'shell' && isExecutable(SHELL) ? SHELL : WHOLE);

/** Why suites with a browser cannot run here; undefined where they can. */
const browserIsMissing: string | undefined = isExecutable(WHOLE)
  ? undefined
  : `there is no ${WHOLE}; name another one in ASSENT_TEST_CHROMIUM`;

/** Starts Chromium so that it keeps to the page and calls nobody by itself; `more` are switches of one suite. */
export const startBrowser = (kind: BrowserKind, more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: programOf(kind),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });

/** Browsers for all suites of this process: each is a second of work before it shows anything. They end with the process. */
const running = new Map<BrowserKind, Promise<Browser>>();

/** A Chromium that this suite has for itself while it runs, and that another one may have had before it: a window keeps nothing of it. */
const sharedBrowser = async (kind: BrowserKind): Promise<Browser> => {
  const found = await running.get(kind);
  if (found?.isConnected()) return found;
  const browser = startBrowser(kind);
  running.set(kind, browser);
  return browser;
};

/** What the tests of a suite have in common while they run: a browser, and the server that its pages come from. */
export interface BrowserSuite<Server> {
  readonly browser: Browser;
  readonly server: Server;
}

/**
 * A suite with one server and one Chromium for all its tests; the server and all windows are gone after the last one. Where there is no Chromium it is
 * skipped, and its name says so. Neither is there before the first test or hook runs.
 */
export const describeInBrowser = <Server extends { close(): Promise<void> }>(
  name: string,
  {
    start,
    browser: kind = 'shell',
    ...options
  }: TestOptions & { readonly start: () => Promise<Server>; readonly browser?: BrowserKind },
  define: (suite: BrowserSuite<Server>) => void,
): void => {
  const title = browserIsMissing === undefined ? name : `${name} (skipped: ${browserIsMissing})`;
  describe.skipIf(browserIsMissing)(title, options, () => {
    let browser: Browser | undefined;
    let server: Server | undefined;
    const started = <Part>(part: Part | undefined): Part => {
      if (part === undefined) throw new Error('The browser and the server are there from the first hook on.');
      return part;
    };

    beforeAll(async () => {
      await Promise.all([
        start().then((it) => {
          server = it;
        }),
        sharedBrowser(kind).then((it) => {
          browser = it;
        }),
      ]);
    });
    afterAll(async () => {
      // What a test that failed has left open is not the next suite's.
      await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
      await server?.close();
    });

    define({
      get browser() {
        return started(browser);
      },
      get server() {
        return started(server);
      },
    });
  });
};

/** A window of its own, and everything in it that went wrong without anybody seeing it. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Violations of the content security policy, errors of scripts, and what the console complained of. */
  readonly complaints: readonly string[];
}

const isExpected = (text: string): boolean =>
  // A refused password is an answer of the contract; the console reports every such answer.
  /Failed to load resource: the server responded with a status of 401/.test(text) ||
  // The official SDK measures how long its development build takes to check its state, and warns on a slow machine.
  /(Immutable|Serializable)StateInvariantMiddleware took/.test(text);

/** Milliseconds: what does not come is named by its own failure, before the test is over. */
const STEP_LIMIT = 60_000;

/** Opens a window without cookies; nothing moves in it, so that colours are measured at rest. */
export const openVisit = async (browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> => {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-US', ...options });
  context.setDefaultTimeout(STEP_LIMIT);
  const complaints: string[] = [];
  await context.exposeFunction('complainToTest', (text: string) => void complaints.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const complain = (globalThis as unknown as { complainToTest(text: string): void }).complainToTest;
      complain(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (['error', 'warning'].includes(message.type()) && !isExpected(text)) complaints.push(`console: ${text}`);
  });
  return { context, page, complaints };
};

/** Closes windows in which nothing may have gone wrong. */
export const closeVisits = async (...visits: readonly Visit[]): Promise<void> => {
  for (const { context, complaints } of visits) {
    expect(complaints).toEqual([]);
    await context.close();
  }
};

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** What axe finds on the page, as short lines: WCAG 2.2 A and AA, and its best practices. Our pages have no frames. */
export const accessibilityFindings = async (page: Page): Promise<readonly string[]> => {
  // What was looked at since it was loaded has axe already.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof import('axe-core') };
    const { violations } = await axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  });
};

/** Keeps a picture of the page where somebody asked for pictures, in the directory of `ASSENT_TEST_SCREENSHOTS`. */
export const keepPicture = async (page: Page, name: string, part: 'page' | 'viewport' = 'page'): Promise<void> => {
  const directory = process.env.ASSENT_TEST_SCREENSHOTS;
  if (directory === undefined) return;
  mkdirSync(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: part === 'page' });
};
