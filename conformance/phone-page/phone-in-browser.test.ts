import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInBrowser, openVisit, startBrowser, type Visit } from '../support/browser.ts';
import { addUser } from '../support/people.ts';
import {
  connect,
  heading,
  openLogin,
  openPhone,
  signIn,
  toNumber,
  toSetupCode,
  typeNumber,
} from '../support/phone-visit.ts';
import { ringingPhone } from '../support/ringing-phone.ts';
import { startServerProcess } from '../support/server-process.ts';
import { codeOfHost } from '../support/setup-code.ts';
import { startWebPushProcess, type WebPushProcess } from '../support/web-push-process.ts';
import { workerIsReady } from '../support/worker-is-ready.ts';

// What the browser around the phone has to do with it: storage, tabs, the network, push, pictures, fingers (spec: ux §3).

const GENERATOR = 'otpauth://totp/Git%20host:jane?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

const FILM = { width: 640, height: 480 };

/** A film of one picture, in the uncompressed form that Chromium plays as a camera (YUV4MPEG2, 4:2:0). */
const filmOf = async (page: Page, png: Buffer): Promise<Buffer> => {
  const grey = await page.evaluate(
    async ({ source, width, height }) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d');
      if (context === null) throw new TypeError('no canvas');
      context.fillStyle = '#fff';
      context.fillRect(0, 0, width, height);
      const side = Math.min(image.width, height);
      context.drawImage(image, (width - side) / 2, (height - side) / 2, side, side);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, at) => data[at * 4] ?? 0);
    },
    { source: `data:image/png;base64,${png.toString('base64')}`, ...FILM },
  );
  const head = Buffer.from(`YUV4MPEG2 W${FILM.width} H${FILM.height} F10:1 Ip A1:1 C420jpeg\n`);
  const noColour = Buffer.alloc((FILM.width * FILM.height) / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), Buffer.from(grey), noColour]);
  return Buffer.concat([head, frame, frame]);
};

// The push service of these tests is on this machine.
const start = () => startServerProcess({ args: ['--insecure'] });

describeInBrowser('the phone and its browser', { start, browser: 'whole' }, (suite) => {
  let pushService: WebPushProcess;

  beforeAll(async () => {
    pushService = await startWebPushProcess(suite.server);
  });
  afterAll(async () => {
    await pushService?.close();
  });

  const connected = async (name: string, phone: Visit): Promise<Visit> => {
    await addUser(suite.server, name);
    const login = await openLogin(suite);
    await connect(phone.page, await toSetupCode(login.page, name));
    return login;
  };
  const close = async (...contexts: readonly BrowserContext[]): Promise<void> => {
    for (const context of contexts) await context.close();
  };

  test('opens without a connection, and makes the right codes there', async () => {
    const { page, context, complaints } = await openPhone(suite);
    await connect(page, GENERATOR);
    await heading(page, 'Accounts').waitFor();
    await workerIsReady(page);
    expect(complaints).toEqual([]);
    await context.setOffline(true);
    await page.goto(`${suite.server.am}/phone/?from=home#accounts`);
    await heading(page, 'Accounts').waitFor();
    await expect.poll(() => page.locator('.p-code').textContent()).toMatch(/\d{3} \d{3}/);
    await context.setOffline(false);
    await close(context);
  });

  test('its worker has the folder of the phone as its scope, and nothing above', async () => {
    const { page, context } = await openPhone(suite);
    const scopes = await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      return (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope);
    });
    expect(scopes).toEqual([`${suite.server.am}/phone/`]);
    await page.goto(`${suite.server.am}/login`);
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
    await close(context);
  });

  test('can be installed: the manifest is complete, and its icons are there', async () => {
    const manifest = await fetch(`${suite.server.am}/phone/manifest.webmanifest`);
    expect(manifest.headers.get('content-type')).toBe('application/manifest+json');
    const { icons, scope, start_url } = (await manifest.json()) as {
      readonly icons: readonly { readonly src: string }[];
      readonly scope: string;
      readonly start_url: string;
    };
    expect([scope, start_url]).toEqual(['./', './']);
    for (const { src } of icons) {
      const icon = await fetch(`${suite.server.am}/phone/${src}`);
      expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/png']);
    }
  });

  test('opens with little, from one origin, and without the scanner (ux §7.3 A4)', async () => {
    const { page, context } = await openVisit(suite.browser);
    const loads: Promise<readonly [url: string, bytes: number]>[] = [];
    page.on('requestfinished', (request) => {
      loads.push(request.sizes().then(({ responseBodySize }) => [request.url(), responseBodySize] as const));
    });
    await page.goto(`${suite.server.am}/phone/`);
    await heading(page, 'Your phone approves your sign-ins').waitFor();
    const loaded = await Promise.all(loads);
    expect(loaded.filter(([url]) => !url.startsWith(`${suite.server.am}/`))).toEqual([]);
    expect(loaded.filter(([url]) => /zxing|wasm|login|account/.test(url))).toEqual([]);
    const bytes = loaded.reduce((sum, [, size]) => sum + size, 0);
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThanOrEqual(60_000);
    await close(context);
  });

  test('only the phone may use a camera and WebAssembly, and nothing is inline anywhere (A9)', async () => {
    const policyOf = async (path: string) => {
      const { headers } = await fetch(`${suite.server.am}${path}`);
      return [headers.get('content-security-policy') ?? '', headers.get('permissions-policy') ?? ''] as const;
    };
    const [phone, permissions] = await policyOf('/phone/');
    expect(phone).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(phone).toContain("require-trusted-types-for 'script'");
    expect(phone).toContain("frame-ancestors 'none'");
    expect(phone).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/);
    expect(permissions).toContain('camera=(self)');
    for (const path of ['/login', '/account']) {
      const [policy, allowed] = await policyOf(path);
      expect(policy).not.toContain('wasm');
      expect(allowed).toContain('camera=()');
    }
    for (const path of ['/phone/', '/login', '/account']) {
      const [, allowed] = await policyOf(path);
      expect(allowed).toContain('publickey-credentials-get=(self), publickey-credentials-create=(self)');
    }
    const [worker] = await policyOf('/phone/sw.js');
    expect(worker).toBe("default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'");
  });

  test('one tab answers at a time, and the other can take over', async () => {
    const { page, context } = await openPhone(suite);
    await heading(page, 'Your phone approves your sign-ins').waitFor();
    const other = await context.newPage();
    await other.goto(`${suite.server.am}/phone/`);
    await heading(other, 'Assent is open in another tab').waitFor();
    await other.getByRole('button', { name: 'Use it here' }).click();
    await heading(other, 'Your phone approves your sign-ins').waitFor();
    await heading(page, 'Assent is open in another tab').waitFor();
    await other.close();
    await heading(page, 'Your phone approves your sign-ins').waitFor();
    await close(context);
  });

  test('a link with a setup code leads to the question, and the code is gone from the address', async () => {
    const { page, context } = await openVisit(suite.browser);
    await page.goto(`${suite.server.am}/phone/#add=${encodeURIComponent(GENERATOR)}`);
    await heading(page, 'Connect this phone?').waitFor();
    expect(page.url()).toBe(`${suite.server.am}/phone/#add`);
    await page.getByRole('button', { name: 'Connect' }).click();
    await heading(page, 'Accounts').waitFor();
    await close(context);
  });

  test('a code of another server is refused by its name, and nobody is called', async () => {
    const { page, context } = await openPhone(suite);
    const login = await openLogin(suite);
    await addUser(suite.server, 'stranger');
    const code = await toSetupCode(login.page, 'stranger');
    const foreign = codeOfHost(code, 'login.other.org');
    const called: string[] = [];
    page.on('request', (request) => called.push(request.url()));
    await page.goto(`${suite.server.am}/phone/#add`);
    await page.getByLabel('Setup code').fill(foreign);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('This code belongs to login.other.org.').first().waitFor();
    expect(called.filter((url) => !url.startsWith(suite.server.origin))).toEqual([]);
    await close(context, login.context);
  });

  test('a picture of a setup code is read, by our own scanner', async () => {
    await addUser(suite.server, 'photographer');
    const [login, phone] = await Promise.all([openLogin(suite), openPhone(suite)]);
    await toSetupCode(login.page, 'photographer');
    const picture = await login.page.getByRole('img', { name: /^Setup code/ }).screenshot();
    await phone.page.goto(`${suite.server.am}/phone/#add`);
    const file = { name: 'code.png', mimeType: 'image/png', buffer: picture };
    await phone.page.locator('input[type=file]').setInputFiles(file);
    await heading(phone.page, 'Connect this phone?').waitFor();
    await phone.page.getByText('photographer').first().waitFor();
    expect(phone.complaints).toEqual([]);
    await close(login.context, phone.context);
  });

  test('the camera reads a setup code, and its light goes off', async () => {
    const scratch = join(suite.server.scratch, 'camera.y4m');
    const [login, seeing] = await Promise.all([
      openLogin(suite),
      startBrowser('whole', [
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${scratch}`,
      ]),
    ]);
    await addUser(suite.server, 'filmer');
    await toSetupCode(login.page, 'filmer');
    const picture = await login.page.getByRole('img', { name: /^Setup code/ }).screenshot();
    const phone = await openPhone({ ...suite, browser: seeing });
    writeFileSync(scratch, await filmOf(phone.page, picture));
    await phone.page.goto(`${suite.server.am}/phone/#add`);
    await phone.page.getByRole('button', { name: 'Scan with the camera' }).click();
    await heading(phone.page, 'Connect this phone?').waitFor();
    await phone.page.getByText('filmer').first().waitFor();
    expect(await phone.page.evaluate(() => document.querySelector('video'))).toBeNull();
    expect(phone.complaints).toEqual([]);
    await close(login.context, phone.context);
    await seeing.close();
  });

  test('a browser without a camera says what to do instead', async () => {
    const { page, context } = await openPhone(suite);
    await page.goto(`${suite.server.am}/phone/#add`);
    await page.getByRole('button', { name: 'Scan with the camera' }).click();
    await page
      .getByText(/Paste the setup code instead\./)
      .first()
      .waitFor();
    expect(await page.getByRole('button', { name: 'Scan with the camera' }).isVisible()).toBe(true);
    await close(context);
  });

  test('a picture without a code, and a file that is none, are refused', async () => {
    const { page, context } = await openPhone(suite);
    await page.goto(`${suite.server.am}/phone/#add`);
    for (const buffer of [await page.screenshot(), Buffer.from('not a picture')]) {
      await page.locator('input[type=file]').setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer });
      await page.getByText('There is no setup code in that picture.').first().waitFor();
      await page.reload();
    }
    await close(context);
  });

  test('a request that waits is there again after a reload', async () => {
    const phone = await openPhone(suite);
    const login = await connected('reloader', phone);
    const number = await toNumber(login.page);
    await heading(phone.page, 'Sign-in request').waitFor();
    await phone.page.reload();
    await heading(phone.page, 'Sign-in request').waitFor();
    await typeNumber(phone.page, number);
    await phone.page.getByRole('button', { name: 'Approve' }).click();
    await heading(login.page, 'Signed in as reloader').waitFor();
    await close(login.context, phone.context);
  });

  test('an answer that finds no connection goes out when there is one', async () => {
    const phone = await openPhone(suite);
    const login = await connected('traveller', phone);
    const number = await toNumber(login.page);
    await heading(phone.page, 'Sign-in request').waitFor();
    await typeNumber(phone.page, number);
    await phone.context.setOffline(true);
    await phone.page.getByRole('button', { name: 'Approve' }).click();
    await phone.page.getByRole('button', { name: 'Sending…' }).waitFor();
    await phone.context.setOffline(false);
    await heading(phone.page, 'Answer sent').waitFor();
    await heading(login.page, 'Signed in as traveller').waitFor();
    await close(login.context, phone.context);
  });

  test('approves only after the finger was checked, where its owner wants that', async () => {
    const phone = await openPhone(suite);
    const { page } = phone;
    const devtools = await phone.context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(`${suite.server.am}/phone/#settings`);
    await page.reload();
    await page.getByLabel('Check my fingerprint, face or screen lock before I approve').click();
    await expect.poll(() => page.getByLabel(/^Check my fingerprint/).isChecked()).toBe(true);

    const login = await connected('careful', phone);
    const number = await toNumber(login.page);
    await heading(page, 'Sign-in request').waitFor();
    await typeNumber(page, number);
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('That did not work. Try again, or deny the request.').waitFor();
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await page.getByRole('button', { name: 'Approve' }).click();
    await heading(login.page, 'Signed in as careful').waitFor();
    await close(login.context, phone.context);
  });

  test('rings through the push service of its browser, and shows nothing that was not verified', async () => {
    const phone = await ringingPhone(suite, pushService, 'sleeper');
    const { page } = phone;

    // The phone is closed: another page of the server is open instead.
    const devtools = await phone.context.newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const found = registrations.find(({ scopeURL }) => scopeURL === `${suite.server.am}/phone/`);
        if (found !== undefined) resolve(found.registrationId);
      });
    });
    await devtools.send('ServiceWorker.enable');
    const registrationId = await registered;
    await page.goto(`${suite.server.am}/account`);

    const again = await openLogin(suite);
    await signIn(again.page, 'sleeper');
    // Delivery runs beside the sign-in.
    await expect.poll(async () => (await pushService.taken('sleeper')).length).toBe(1);
    const [taken] = await pushService.taken('sleeper');
    const text = taken?.text ?? '';
    expect(text).not.toContain('sleeper');

    const notices = (): Promise<readonly string[]> =>
      page.evaluate(async (scope) => {
        const registration = await navigator.serviceWorker.getRegistration(scope);
        return ((await registration?.getNotifications()) ?? []).map(({ title, body }) => `${title}: ${body}`);
      }, `${suite.server.am}/phone/`);
    const deliver = (data: string) =>
      devtools.send('ServiceWorker.deliverPushMessage', { origin: suite.server.origin, registrationId, data });
    /** Delivers it, and waits until its notice is the only one, and then until there is none. The page looks for itself: the notice is shown for 2 s alone. */
    const deliversBriefly = async (data: string, title: string): Promise<void> => {
      const shown = page.waitForFunction(
        async ([scope, wanted]) => {
          const registration = await navigator.serviceWorker.getRegistration(scope);
          const found = (await registration?.getNotifications()) ?? [];
          return found.length === 1 && found[0]?.title === wanted && found[0].body === '';
        },
        [`${suite.server.am}/phone/`, title] as const,
        { polling: 50 },
      );
      await deliver(data);
      await shown;
      await expect.poll(notices).toEqual([]);
    };
    await deliversBriefly(text.replace(/\.(\w)/, '.x$1'), 'Nothing to approve');
    await deliver(text);
    await expect.poll(notices).toEqual(['Sign-in request: Open Assent to check it']);

    // A newer sign-in takes the notification of the older one back, also where the older request comes late (OPS-43).
    const newer = await openLogin(suite);
    await signIn(newer.page, 'sleeper');
    const idOf = (pushed: string) => (JSON.parse(pushed) as { readonly messageId: string }).messageId;
    const later = async () => (await pushService.taken('sleeper')).slice(1).map((it) => it.text);
    await expect.poll(async () => (await later()).length).toBe(2);
    const [withdrawal = '', ...others] = (await later()).filter((it) => idOf(it) === idOf(text));
    expect(others).toEqual([]);
    await deliversBriefly(withdrawal, 'No longer needed');
    await deliversBriefly(text, 'Nothing to approve');
    for (const pushed of (await later()).filter((it) => idOf(it) !== idOf(text))) await deliver(pushed);
    await expect.poll(notices).toEqual(['Sign-in request: Open Assent to check it']);

    await page.goto(`${suite.server.am}/phone/`);
    await heading(page, 'Sign-in request').waitFor();
    await expect.poll(notices).toEqual([]);
    await typeNumber(page, await toNumber(newer.page));
    await page.getByRole('button', { name: 'Approve' }).click();
    await heading(newer.page, 'Signed in as sleeper').waitFor();
    await close(phone.context, again.context, newer.context);
  });
});
