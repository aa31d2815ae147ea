import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startServerProcess } from '../support/server-process.ts';
import { type LoadProgram, serveApp } from './apps.ts';
import { startFront, startProxy, startTenant } from './hosts.ts';
import { fillRealm } from './realm.ts';
import { runSpecs } from './run-specs.ts';
import { renamedPath, standIns, TENANT_AM } from './stand-ins.ts';
import { SUITES, type Suite } from './suites.ts';

export interface VendorOptions {
  readonly checkout: string;
  readonly legacyCheckout?: string;
  readonly suite?: string;
  readonly only?: string;
  readonly browser: string;
  readonly load: LoadProgram;
}

/** Where the specs expect AM, by http. */
const FRONT_PORT = 9_443;
const ADMINISTRATOR = { ASSENT_ADMIN_PASSWORD: 'conformance of vendors 7', ASSENT_ADMIN_SECOND_FACTOR: 'false' };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const nameOf = (checkout: string): string => {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', checkout, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${checkout} at ${git('rev-parse', 'HEAD')}`;
  } catch {
    return `${checkout}, which is no clone`;
  }
};

type Close = () => unknown;

/** Two servers, since the specs call AM at two origins: one by http, and one tenant by https. Returns the port of the browser's proxy. */
const startServers = async (directory: string, opened: Close[]): Promise<number> => {
  const start = async (env: Readonly<Record<string, string>>) => {
    const server = await startServerProcess({ env: { ...ADMINISTRATOR, ...env } });
    opened.push(() => server.close());
    return { server, port: Number(new URL(server.origin).port) };
  };
  const opening = async <Host extends { close(): void }>(started: Promise<Host>): Promise<Host> => {
    const host = await started;
    opened.push(() => host.close());
    return host;
  };
  const localAm = `http://localhost:${FRONT_PORT}/am`;
  const local = await start({ ASSENT_PUBLIC_URL: localAm });
  const tenant = await start({ ASSENT_PUBLIC_URL: TENANT_AM, ASSENT_SESSION_COOKIE_SAME_SITE: 'None' });
  await opening(startFront(FRONT_PORT, local.port, renamedPath, standIns(localAm, local.server.administrator)));
  const { tlsPort, plainPort } = await opening(startTenant(directory, tenant.port));
  const proxy = await opening(startProxy(tlsPort));
  const loginPage = `http://localhost:${FRONT_PORT}/login?realm=\${realm}&goto=\${goto}`;
  await fillRealm(local.server, localAm, { path: '/', loginPage });
  await fillRealm(local.server, localAm, { path: '/middleware', loginPage });
  await fillRealm(local.server, localAm, { path: '/tokens-expiring-soon', loginPage, accessTokenLifetime: 20 });
  await fillRealm(local.server, localAm, { path: '/tokens-expired', loginPage, accessTokenLifetime: 1 });
  const hosted = `${TENANT_AM}/XUI/?realm=\${realm}&service=HostedLogin&goto=\${goto}`;
  await fillRealm(tenant.server, `http://localhost:${plainPort}/am`, { path: '/alpha', loginPage: hosted });
  return proxy.port;
};

/** Runs the vendor's suites, and returns the exit code. */
export const main = async (options: VendorOptions): Promise<number> => {
  const checkouts = {
    current: resolve(options.checkout),
    legacy: options.legacyCheckout && resolve(options.legacyCheckout),
  };
  const suites = SUITES.filter(({ name }) => options.suite === undefined || name === options.suite).filter(
    ({ checkout }) => checkouts[checkout],
  );
  if (!existsSync(options.browser))
    throw new Error(`There is no browser at ${options.browser}: name one with --browser.`);
  for (const checkout of new Set(suites.map(({ checkout }) => checkouts[checkout]))) {
    if (checkout) say(`Checkout: ${nameOf(checkout)}`);
  }
  const directory = mkdtempSync(join(tmpdir(), 'assent-vendor-'));
  const opened: Close[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void closeAll().then(() => process.exit(130)));
  const total = { passed: 0, failed: 0 };
  const runSuite = async (suite: Suite, checkout: string, proxyPort: number): Promise<void> => {
    const own = join(directory, suite.name);
    mkdirSync(own);
    const stopApp = await serveApp(checkout, suite.app, own, options.load);
    const run = { checkout, directory: own, proxyPort, browser: options.browser };
    const result = await runSpecs(suite, { ...run, ...(options.only !== undefined && { only: options.only }) }).finally(
      stopApp,
    );
    say(`\n${suite.name}: ${result.passed.length} passed, ${result.failed.length} failed`);
    for (const { title, error } of result.failed) say(`  failed    ${title}: ${error}`);
    for (const title of result.skipped) say(`  skipped   ${title}: skipped by the vendor`);
    for (const { file, title, reason } of suite.excluded) {
      say(`  excluded  ${title === undefined ? file : `${file} › ${title}`}: ${reason}`);
    }
    total.passed += result.passed.length;
    total.failed += result.failed.length;
  };
  try {
    const proxyPort = await startServers(directory, opened);
    for (const suite of suites) await runSuite(suite, checkouts[suite.checkout] ?? '', proxyPort);
  } finally {
    await closeAll();
    if (total.failed === 0) rmSync(directory, { recursive: true, force: true });
    else say(`\nTraces of what failed: ${directory}`);
  }
  say(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
};
