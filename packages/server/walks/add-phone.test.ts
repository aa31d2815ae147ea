import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestPhone } from '@assent/push/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPhone } from '../src/testing/account-fixture.ts';
import { type RestAnswer, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const PASSWORD = 'correct horse';
const TIMEOUT = 180_000;
const OUR_PHONE = { communicationType: 'relay', deviceType: 'cli', hasKey: true, deviceName: 'New phone' } as const;

interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: readonly { readonly name: string; readonly value: unknown }[];
}

const hidden = (callbacks: readonly Callback[], id: string): string => {
  const found = callbacks.find(({ output }) => output.some((it) => it.name === 'id' && it.value === id));
  return String(found?.output.find(({ name }) => name === 'value')?.value ?? '');
};

/** One browser in the shipped journey that adds a phone; it holds the newest answer. */
class AddingPhone {
  readonly #rest: RestClient;
  answer: RestAnswer = { status: 0, headers: {}, body: {} };
  language = 'en';

  constructor(rest: RestClient) {
    this.#rest = rest;
  }

  get callbacks(): readonly Callback[] {
    return (this.answer.body.callbacks ?? []) as readonly Callback[];
  }
  get code(): string {
    return hidden(this.callbacks, 'mfaDeviceRegistration');
  }
  get number(): string {
    return hidden(this.callbacks, 'pushChallengeNumber');
  }
  get isSignedIn(): boolean {
    return typeof this.answer.body.tokenId === 'string';
  }

  async post(body: object): Promise<void> {
    const headers = {
      'accept-api-version': 'resource=2.1, protocol=1.0',
      'accept-language': this.language,
      'x-assent-page': 'login',
    };
    const path = '/authenticate?authIndexType=service&authIndexValue=AddPhone';
    this.answer = await this.#rest('POST', path, { body, headers });
  }

  /** Sends the step back, with the first input of the callbacks of those types filled in. */
  submit(values: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const callbacks = this.callbacks.map((callback) =>
      Object.hasOwn(values, callback.type)
        ? { ...callback, input: callback.input?.map((it) => ({ ...it, value: values[callback.type] })) }
        : callback,
    );
    return this.post({ authId: this.answer.body.authId, callbacks });
  }

  async start(username: string): Promise<void> {
    await this.post({});
    await this.submit({ NameCallback: username, PasswordCallback: PASSWORD });
  }
}

describe('AddPhone', () => {
  let server: SteeredServer;
  let rest: RestClient;
  let administrator: string | undefined;
  const directory = mkdtempSync(join(tmpdir(), 'assent-add-phone-'));
  beforeAll(async () => {
    server = await steeredServer({ port: 18_463, dataDir: directory });
    rest = restClient(server);
    administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  });
  afterAll(async () => {
    await server?.assent.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const pushPath = (action: string) => `/push/sns/message?_action=${action}`;
  const register = (phone: TestPhone, code: string) =>
    rest('POST', pushPath('register'), { body: phone.registration(phone.scan(code)) });
  const fetchFor = async (phone: TestPhone) => {
    const token = phone.relayToken(`${server.assent.publicUrl}/json/push/relay`, server.clock.now());
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    const { status, body } = await rest('GET', `/push/relay?mechanismUid=${phone.mechanismUid}`, { headers });
    return { status, messages: (body.messages ?? []) as readonly { messageId: string; message: string }[] };
  };
  const answer = async (phone: TestPhone, how: { readonly number?: string; readonly deny?: true }) => {
    const [request] = (await fetchFor(phone)).messages;
    if (request === undefined) throw new Error('nothing waits for that phone');
    const body = phone.answer(request.messageId, request.message, { now: server.clock.now(), ...how });
    return { body, reply: await rest('POST', pushPath('authenticate'), { body }) };
  };
  const newUser = async () => {
    const username = `walker-${randomUUID().slice(0, 8)}`;
    await server.createUser('/', username, PASSWORD);
    return username;
  };
  const devicesOf = async (username: string) => {
    const path = `/users/${username}/devices/2fa/push?_queryFilter=true`;
    return (await rest('GET', path, { token: administrator })).body.result as readonly { deviceName: string }[];
  };
  const skipOf = async (username: string) => (await server.attributes('/', username)).push2faEnabled;
  /** Up to the number on the screen, which a phone that has scanned the code is asked for. */
  const reachNumber = async (username: string, options = {}) => {
    const browser = new AddingPhone(rest);
    await browser.start(username);
    const { code } = browser;
    const phone = new TestPhone({ ...OUR_PHONE, ...options });
    expect((await register(phone, code)).status).toBe(200);
    await browser.submit();
    expect(browser.number).toMatch(/^[1-9]\d{5}$/);
    return { browser, phone, code };
  };

  test('a phone counts once it has given the number, and the codes are shown then', async () => {
    const username = await newUser();
    const { browser, phone } = await reachNumber(username);
    expect(browser.answer.body.assent).toMatchObject({ phone: { mode: 'type', devices: ['New phone'] } });
    expect(await devicesOf(username)).toEqual([]);
    expect(await skipOf(username)).toBeUndefined();
    const { authId } = browser.answer.body;
    await browser.submit();
    expect(browser.answer.body.authId).toBe(authId);

    const { body, reply } = await answer(phone, { number: browser.number });
    expect(reply.status).toBe(200);
    // Its reply was lost, so it says the same again.
    expect((await rest('POST', pushPath('authenticate'), { body })).status).toBe(200);
    await browser.submit();
    expect(JSON.stringify(browser.callbacks)).toContain('// Recovery Codes');
    expect(await devicesOf(username)).toMatchObject([{ deviceName: 'New phone' }]);
    expect(await skipOf(username)).toEqual(['2']);
    await browser.submit();
    expect(browser.isSignedIn).toBe(true);
  });

  test('the second phone is asked for by the first, and proves itself too; the codes stay (SEC-04)', async () => {
    const username = await newUser();
    const first = await reachNumber(username);
    await answer(first.phone, { number: first.browser.number });
    await first.browser.submit();
    const browser = new AddingPhone(rest);
    await browser.start(username);
    await answer(first.phone, { number: browser.number });
    await browser.submit();
    const phone = new TestPhone({ ...OUR_PHONE, deviceName: 'Second phone' });
    await register(phone, browser.code);
    await browser.submit();
    expect((await fetchFor(first.phone)).messages).toEqual([]);
    await answer(phone, { number: browser.number });
    await browser.submit();
    expect(browser.isSignedIn).toBe(true);
    const names = (await devicesOf(username)).map(({ deviceName }) => deviceName);
    expect(names.toSorted()).toEqual(['New phone', 'Second phone']);
  });

  test.each<[string, { readonly number?: string; readonly deny?: true }, string]>([
    ['says no', { deny: true }, 'setup-refused'],
    ['gives a wrong number', { number: '000000' }, 'number'],
    ['gives no number', {}, 'number'],
  ])('a phone that %s is gone, and the page is told so', async (_what, how, end) => {
    const username = await newUser();
    const { browser, phone, code } = await reachNumber(username);
    expect((await answer(phone, how)).reply.status).toBe(200);
    await browser.submit();
    expect(browser.answer).toMatchObject({ status: 401, body: { detail: { assent: { end } } } });
    expect(await devicesOf(username)).toEqual([]);
    expect(await skipOf(username)).toBeUndefined();
    expect((await fetchFor(phone)).status).toBe(401);
    expect((await register(new TestPhone(OUR_PHONE), code)).status).toBe(400);
  });

  const withFourPhones = async () => {
    const username = await newUser();
    const first = await reachNumber(username);
    await answer(first.phone, { number: first.browser.number });
    await first.browser.submit();
    for (let n = 2; n <= 4; n += 1) await addPhone(server, '/', username);
    return { username, fifth: () => addPhone(server, '/', username), first };
  };
  const toCode = async (username: string, approving: TestPhone) => {
    const browser = new AddingPhone(rest);
    browser.language = 'de-DE';
    await browser.start(username);
    await answer(approving, { number: browser.number });
    await browser.submit();
    return browser;
  };
  const limitReached = {
    status: 401,
    body: { message: 'Login failure', detail: { assent: { end: 'device-limit' } } },
  };

  test('at the limit of devices no code is shown, and the page says why, in its language (DV limit)', async () => {
    const { username, fifth, first } = await withFourPhones();
    await fifth();
    const browser = await toCode(username, first.phone);
    expect(browser.answer).toMatchObject(limitReached);
    expect(JSON.stringify(browser.answer.body)).toContain('bereits so viele Geräte');
    expect(JSON.stringify(browser.answer.body)).not.toContain('pushauth://');
    expect(await devicesOf(username)).toHaveLength(5);
  });

  test('a limit that is reached while the code is shown refuses the phone, and the page says why (DV limit)', async () => {
    const { username, fifth, first } = await withFourPhones();
    const browser = await toCode(username, first.phone);
    await fifth();
    const phone = new TestPhone({ ...OUR_PHONE, deviceName: 'One too many' });
    await register(phone, browser.code);
    await browser.submit();
    expect(browser.answer).toMatchObject(limitReached);
    expect(JSON.stringify(browser.answer.body)).toContain('bereits so viele Geräte');
    expect(await devicesOf(username)).toHaveLength(5);
  });

  test('a stranger who photographed the code and was faster gets nothing (A058, SEC-05)', async () => {
    const username = await newUser();
    const { browser, phone: stranger, code } = await reachNumber(username);
    expect((await register(new TestPhone(OUR_PHONE), code)).status).toBe(400);
    const [request] = (await fetchFor(stranger)).messages;
    expect(JSON.stringify(stranger.read(request?.message ?? ''))).not.toContain(browser.number);
    await browser.submit({ ConfirmationCallback: 0 });
    expect(browser.answer.status).toBe(401);
    expect((await fetchFor(stranger)).status).toBe(401);
    expect(await devicesOf(username)).toEqual([]);
  });

  test('the time of the code is the time of the proof: when it is over, so is the phone', async () => {
    const username = await newUser();
    const browser = new AddingPhone(rest);
    await browser.start(username);
    const phone = new TestPhone(OUR_PHONE);
    await register(phone, browser.code);
    server.clock.advance(TIMEOUT - 20_000);
    await browser.submit();
    server.clock.advance(20_000);
    expect((await fetchFor(phone)).messages).toEqual([]);
    await browser.submit();
    expect(browser.answer.status).toBe(401);
    expect((await fetchFor(phone)).status).toBe(401);
    expect(await devicesOf(username)).toEqual([]);
  });

  test('a proof that came in time counts half a minute late', async () => {
    const username = await newUser();
    const { browser, phone } = await reachNumber(username);
    server.clock.advance(TIMEOUT - 1);
    await answer(phone, { number: browser.number });
    server.clock.advance(29_000);
    await browser.submit();
    expect(await devicesOf(username)).toHaveLength(1);
  });

  test('a tab that is closed leaves a phone that proves nothing, and is swept', async () => {
    const username = await newUser();
    const { browser, phone } = await reachNumber(username);
    await answer(phone, { number: browser.number });
    server.clock.advance(TIMEOUT + 30_000);
    await server.assent.store.sweep(server.clock.now(), 1_000);
    expect((await fetchFor(phone)).status).toBe(401);
    expect(await devicesOf(username)).toEqual([]);
  });

  test('of two tabs of one journey both see the end, and the phone is stored once', async () => {
    const username = await newUser();
    const { browser, phone } = await reachNumber(username);
    const twin = new AddingPhone(rest);
    twin.answer = browser.answer;
    await answer(phone, { number: browser.number });
    await Promise.all([browser.submit(), twin.submit()]);
    expect(twin.answer.body).toEqual(browser.answer.body);
    expect(await devicesOf(username)).toHaveLength(1);
  });

  test('of two registrations at once the later one is asked, and only one phone is added', async () => {
    const username = await newUser();
    const first = await reachNumber(username);
    const second = await reachNumber(username);
    expect((await fetchFor(first.phone)).messages).toEqual([]);
    await answer(second.phone, { number: second.browser.number });
    await second.browser.submit();
    server.clock.advance(TIMEOUT);
    await first.browser.submit();
    expect(first.browser.answer.status).toBe(401);
    expect(await devicesOf(username)).toHaveLength(1);
    expect((await fetchFor(first.phone)).status).toBe(401);
    expect((await fetchFor(second.phone)).status).toBe(200);
  });
});
