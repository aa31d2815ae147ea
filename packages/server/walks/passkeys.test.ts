import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthenticationMetadata, RegistrationMetadata } from '@assent/factors';
import { jsonAnswerText, SoftwareAuthenticator } from '@assent/factors/testing';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addGenerator, addPhone } from '../src/testing/account-fixture.ts';
import { CALLBACK, claimsOf, oauthApplication, putClient } from '../src/testing/oauth-application.ts';
import { type RestAnswer, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const PASSWORD = 'correct horse';
const TIMEOUT = 180_000;
const PORT = 18_471;
const ORIGIN = `http://localhost:${PORT}`;

interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: readonly { readonly name: string; readonly value: unknown }[];
}

/** One browser in a shipped journey; it holds the newest answer. */
class Visit {
  readonly #rest: RestClient;
  readonly #tree: string;
  readonly #token: string | undefined;
  readonly #realm: string;
  answer: RestAnswer = { status: 0, headers: {}, body: {} };
  headers: Readonly<Record<string, string>> = {};

  constructor(rest: RestClient, tree: string, token?: string, realm = '') {
    this.#realm = realm;
    this.#rest = rest;
    this.#tree = tree;
    this.#token = token;
  }

  get callbacks(): readonly Callback[] {
    return (this.answer.body.callbacks ?? []) as readonly Callback[];
  }
  get types(): readonly string[] {
    return this.callbacks.map(({ type }) => type);
  }
  get token(): string | undefined {
    return this.answer.body.tokenId as string | undefined;
  }
  /** `data` of the ceremony. */
  data<Metadata>(): Metadata {
    const sent = this.callbacks.find(({ type }) => type === 'MetadataCallback');
    return sent?.output.find(({ name }) => name === 'data')?.value as Metadata;
  }

  async post(body: object): Promise<this> {
    const headers = { 'accept-api-version': 'resource=2.1, protocol=1.0', ...this.headers };
    const path = `${this.#realm}/authenticate?authIndexType=service&authIndexValue=${this.#tree}`;
    this.answer = await this.#rest('POST', path, { body, headers, token: this.#token });
    return this;
  }
  start(): Promise<this> {
    return this.post({});
  }

  /** Sends the step back, with the first input of the callbacks of those types filled in. */
  submit(values: Readonly<Record<string, unknown>> = {}): Promise<this> {
    const callbacks = this.callbacks.map((callback) =>
      Object.hasOwn(values, callback.type)
        ? { ...callback, input: callback.input?.map((it) => ({ ...it, value: values[callback.type] })) }
        : callback,
    );
    return this.post({ authId: this.answer.body.authId, callbacks });
  }

  /** Gives name and password where they are asked for. */
  async password(username: string): Promise<this> {
    return this.submit({ NameCallback: username, PasswordCallback: PASSWORD });
  }
  says(outcome: string): Promise<this> {
    return this.submit({ HiddenValueCallback: outcome });
  }
  registers(authenticator: SoftwareAuthenticator): Promise<this> {
    return this.says(authenticator.register(this.data<RegistrationMetadata>(), ORIGIN).text);
  }
  uses(
    authenticator: SoftwareAuthenticator,
    options: Parameters<SoftwareAuthenticator['signIn']>[2] = {},
  ): Promise<this> {
    return this.says(authenticator.signIn(this.data<AuthenticationMetadata>(), ORIGIN, options).text);
  }
}

describe('passkeys', () => {
  let server: SteeredServer;
  let rest: RestClient;
  let users = 0;
  const directory = mkdtempSync(join(tmpdir(), 'assent-passkeys-'));
  const started = () => steeredServer({ port: PORT, dataDir: directory });
  beforeAll(async () => {
    server = await started();
    rest = restClient(server);
  });
  afterAll(async () => {
    await server?.assent.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const visit = (tree: string, token?: string) => new Visit(rest, tree, token).start();
  const newUser = async (): Promise<string> => {
    users += 1;
    const username = `key${users}`;
    await server.createUser('/', username, PASSWORD);
    return username;
  };
  /** A user with a passkey, which was made by the shipped journey. */
  const withPasskey = async () => {
    const username = await newUser();
    const authenticator = new SoftwareAuthenticator();
    const adding = await (await visit('AddPasskey')).password(username);
    await (await adding.registers(authenticator)).submit();
    if (adding.token === undefined) throw new Error(JSON.stringify(adding.answer.body));
    return { username, authenticator, token: adding.token };
  };
  const propertiesOf = async (token: string) => {
    const properties = { properties: ['AuthFactors', 'NodeType'] };
    return (await rest('POST', '/sessions?_action=getSessionProperties', { token, body: properties })).body;
  };

  test('a password alone adds no second one, whichever way it takes (WA-18)', { timeout: TIMEOUT }, async () => {
    const { username, authenticator } = await withPasskey();
    const thief = await (await visit('AddPasskey')).password(username);
    expect(thief.data<AuthenticationMetadata>()._action).toBe('webauthn_authentication');
    await thief.says('ERROR::NotAllowedError:');
    expect(thief.token).toBeUndefined();
    while (thief.answer.status === 200) await thief.submit();
    expect(thief.answer.status).toBe(401);
    const owner = await (await visit('AddPasskey')).password(username);
    const second = new SoftwareAuthenticator();
    await (await owner.uses(authenticator)).registers(second);
    expect(owner.token).toBeDefined();
  });

  test('an answer is good once, also where it is sent twice at once (WA-01)', { timeout: TIMEOUT }, async () => {
    const { authenticator } = await withPasskey();
    const begun = await visit('PasskeyLogin');
    const { authId } = begun.answer.body;
    const other = new Visit(rest, 'PasskeyLogin');
    other.answer = begun.answer;
    const { text } = authenticator.signIn(begun.data(), ORIGIN);
    // Both are the right answer, in two of the forms that clients use: a wrong one that came first would be the answer.
    const both = await Promise.all([begun.says(text), other.says(jsonAnswerText(text, 'platform'))]);
    expect(both.filter(({ token }) => token !== undefined)).toHaveLength(1);
    const again = await new Visit(rest, 'PasskeyLogin').post({ authId, callbacks: begun.callbacks });
    expect(again.answer.status).toBe(401);
  });

  test('a passkey of another challenge, page or visit signs nobody in, and the password still does (WA-01, WA-03, WA-28)', {
    timeout: TIMEOUT,
  }, async () => {
    const { username, authenticator } = await withPasskey();
    const stolen = authenticator.signIn((await visit('PasskeyLogin')).data(), ORIGIN).text;
    const begun = await visit('PasskeyLogin');
    expect((await begun.says(stolen)).token).toBeUndefined();
    expect(begun.types).toEqual(['NameCallback', 'PasswordCallback']);
    const phished = await visit('PasskeyLogin');
    await phished.says(authenticator.signIn(phished.data(), 'https://evil.example').text);
    expect(phished.token).toBeUndefined();
    expect(await signIn(rest, '/', username, PASSWORD)).toBeDefined();
  });

  test('the passkey alone signs in, and the session says how (WA-33)', { timeout: TIMEOUT }, async () => {
    const { authenticator } = await withPasskey();
    const { token = '' } = await (await visit('PasskeyLogin')).uses(authenticator);
    expect(await propertiesOf(token)).toMatchObject({
      NodeType: 'WebAuthnAuthentication|',
      AuthFactors: expect.stringMatching(/^passkey@\d+$/),
    });
  });

  test('whoever has no passkey at hand gives the password and another factor, or fails', {
    timeout: TIMEOUT,
  }, async () => {
    const { username } = await withPasskey();
    for (const outcome of ['unsupported', 'ERROR::NotAllowedError:']) {
      const begun = await (await visit('PasskeyLogin')).says(outcome);
      expect(begun.types).toEqual(['NameCallback', 'PasswordCallback']);
      await begun.password(username);
      expect(begun.types).toEqual(['NameCallback']);
    }
  });

  test('a recovery code of the passkey stands in for it, once (WA-25)', { timeout: TIMEOUT }, async () => {
    const username = await newUser();
    const adding = await (await visit('AddPasskey')).password(username);
    await adding.registers(new SoftwareAuthenticator());
    const shown = String(adding.callbacks[0]?.output.find(({ name }) => name === 'message')?.value);
    const [code = ''] = /(?<=")\w{10,}(?=\\n")/.exec(shown) ?? [];
    expect(code).not.toBe('');
    const withCode = async () => {
      const begun = await (await (await visit('PasskeyLogin')).says('unsupported')).password(username);
      return begun.submit({ NameCallback: code });
    };
    expect((await withCode()).token).toBeDefined();
    expect((await withCode()).token).toBeUndefined();
  });

  test('a right recovery code at the limit of devices leads to a reason that our page alone is told', {
    timeout: TIMEOUT,
  }, async () => {
    const username = await newUser();
    const first = await (await visit('AddPasskey')).password(username);
    const authenticator = new SoftwareAuthenticator();
    await first.registers(authenticator);
    const shown = String(first.callbacks[0]?.output.find(({ name }) => name === 'message')?.value);
    const codes = [...shown.matchAll(/(?<=")\w{10,}(?=\\n")/g)].map(([code]) => code);
    for (let n = 2; n <= 5; n += 1) {
      const adding = await (await visit('AddPasskey')).password(username);
      await (await adding.uses(authenticator)).registers(new SoftwareAuthenticator());
      expect(adding.token).toBeDefined();
    }
    const beyond = async (page: Readonly<Record<string, string>>, code = '') => {
      const adding = await (await visit('AddPasskey')).password(username);
      await adding.submit({ ConfirmationCallback: 0 });
      await adding.submit({ NameCallback: code });
      adding.headers = page;
      return (await adding.registers(new SoftwareAuthenticator())).answer;
    };
    const page = { 'x-assent-page': 'login', 'accept-language': 'fr' };
    const told = await beyond(page, codes[0]);
    expect(told).toMatchObject({ status: 401, body: { detail: { assent: { end: 'device-limit' } } } });
    expect(JSON.stringify(told.body)).toContain('autant d’appareils');
    const client = await beyond({}, codes[1]);
    expect(client).toMatchObject({ status: 401, body: { message: 'Login failure' } });
    expect(client.body).not.toHaveProperty('detail.assent');
  });

  test('whoever is signed in shows the passkey where another factor is asked for', { timeout: TIMEOUT }, async () => {
    const { username, authenticator } = await withPasskey();
    const token = await signIn(rest, '/', username, PASSWORD);
    const stepping = await visit('StepUp', token);
    await stepping.uses(authenticator);
    expect(await propertiesOf(stepping.token ?? '')).toMatchObject({ NodeType: 'WebAuthnAuthentication|' });
  });

  test('whoever has a passkey is asked for it once the phone was asked too often, and for nothing less (A17)', {
    timeout: TIMEOUT,
  }, async () => {
    const asked = async (username: string) => {
      const begun = await (await visit('PushLogin')).password(username);
      return begun.submit({ DeviceProfileCallback: '{"identifier":"desk"}' });
    };
    const { username, authenticator } = await withPasskey();
    const without = await newUser();
    // Neither has shown a second factor from this address, so that both are strangers there (SEC-86).
    for (const name of [username, without]) {
      await addPhone(server, '/', name);
      for (let n = 0; n < 3; n += 1) expect((await asked(name)).types).toContain('PollingWaitCallback');
    }
    expect((await asked(without)).types).toContain('PollingWaitCallback');
    const cancelled = await asked(username);
    expect(cancelled.data<AuthenticationMetadata>()._action).toBe('webauthn_authentication');
    await cancelled.says('ERROR::NotAllowedError:');
    expect(cancelled.types).toEqual(['NameCallback']);
    const owner = await asked(username);
    expect((await owner.uses(authenticator)).token).toBeDefined();
    expect(await propertiesOf(owner.token ?? '')).toMatchObject({
      AuthFactors: expect.stringMatching(/^password@\d+\|touchedPasskey@|^password@\d+\|passkey@/),
    });
  });

  test('PushLogin asks a user with a passkey and no phone for the passkey, and offers a phone to a user without a factor (SEC-04, SEC-88)', {
    timeout: TIMEOUT,
  }, async () => {
    const asked = async (username: string) => {
      const begun = await (await visit('PushLogin')).password(username);
      return begun.submit({ DeviceProfileCallback: '{"identifier":"desk"}' });
    };
    const registering = await (await asked(await newUser())).submit({ ConfirmationCallback: 0 });
    expect(registering.types).toContain('PollingWaitCallback');
    const { username, authenticator } = await withPasskey();
    const owner = await (await asked(username)).uses(authenticator);
    expect(await propertiesOf(owner.token ?? '')).toMatchObject({ NodeType: 'WebAuthnAuthentication|' });
    // Where the passkey cannot be used, a code app stands in for it, or else a recovery code.
    for (const outcome of ['unsupported', 'ERROR::NotAllowedError:'])
      expect((await (await asked(username)).says(outcome)).types).toEqual(['NameCallback']);
    await addGenerator(server, '/', username);
    for (const outcome of ['unsupported', 'ERROR::NotAllowedError:'])
      expect((await (await asked(username)).says(outcome)).types).toEqual(['NameCallback', 'ConfirmationCallback']);
  });

  test('an application that asks for phr is told so of a passkey that was shown, and not of one that was made (WA-33)', {
    timeout: TIMEOUT,
  }, async () => {
    const realm = '/alpha';
    await server.createRealm(realm);
    await server.createUser(realm, 'ada', PASSWORD);
    const admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    await putClient(rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
    const { tokens } = oauthApplication(server);
    const told = async (session = '') => claimsOf((await tokens(session, { acr_values: 'phr' })).id);

    const authenticator = new SoftwareAuthenticator();
    const adding = await (await new Visit(rest, 'AddPasskey', undefined, realm).start()).password('ada');
    await (await adding.registers(authenticator)).submit();
    // Whoever has made a passkey has signed in by a password.
    expect(await told(adding.token)).toMatchObject({ acr: '0', amr: ['pwd'] });
    const { token } = await (await new Visit(rest, 'PasskeyLogin', undefined, realm).start()).uses(authenticator);
    expect(await told(token)).toMatchObject({ acr: 'phr', amr: ['user', 'pop', 'mfa'] });
  });

  test('a passkey of somebody else is none, in a journey that has its user (WA-14)', {
    timeout: TIMEOUT,
  }, async () => {
    const [owner, other] = [await withPasskey(), await withPasskey()];
    const token = await signIn(rest, '/', owner.username, PASSWORD);
    const stepping = await visit('StepUp', token);
    const credentialId = other.authenticator.passkeys[0]?.credentialId ?? '';
    await stepping.uses(other.authenticator, { credentialId });
    expect(stepping.token).toBeUndefined();
  });

  test('an erased user’s passkey is gone', { timeout: TIMEOUT }, async () => {
    const { username, authenticator } = await withPasskey();
    const administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const begun = await visit('PasskeyLogin');
    const erased = await rest('DELETE', `/users/${username}`, { token: administrator });
    expect(erased.status).toBe(200);
    await begun.uses(authenticator);
    expect(begun.token).toBeUndefined();
  });

  test('a journey that begins with a passkey writes nothing, and outlives a restart (WA-02)', {
    timeout: TIMEOUT,
  }, async () => {
    const { authenticator } = await withPasskey();
    const begun = await visit('PasskeyLogin');
    await server.assent.stop();
    server = await started();
    rest = restClient(server);
    const after = new Visit(rest, 'PasskeyLogin');
    after.answer = begun.answer;
    expect((await after.uses(authenticator)).token).toBeDefined();
  });
});

describeWith(['postgres'], 'two instances on one database', () => {
  let database: TestDatabase;
  let servers: readonly SteeredServer[] = [];
  let rests: readonly RestClient[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    const start = () => steeredServer({ port: PORT, databaseUrl: database.url });
    // One after the other: the first one fills the store.
    servers = [await start(), await start()];
    rests = servers.map(restClient);
  });
  afterAll(async () => {
    await Promise.all(servers.map(({ assent }) => assent.stop()));
    await database?.close();
  });

  const begin = (at: number, tree: string, token?: string) => new Visit(rests[at] as RestClient, tree, token).start();
  const withPasskey = async (username: string) => {
    await servers[0]?.createUser('/', username, PASSWORD);
    const authenticator = new SoftwareAuthenticator();
    const adding = await (await begin(0, 'AddPasskey')).password(username);
    await (await adding.registers(authenticator)).submit();
    return { username, authenticator, token: adding.token };
  };

  test('a passkey that one has made signs in at the other, also in a journey that began at the first', {
    timeout: TIMEOUT,
  }, async () => {
    const { authenticator } = await withPasskey('ada');
    expect((await (await begin(1, 'PasskeyLogin')).uses(authenticator)).token).toBeDefined();
    const elsewhere = new Visit(rests[1] as RestClient, 'PasskeyLogin');
    elsewhere.answer = (await begin(0, 'PasskeyLogin')).answer;
    expect((await elsewhere.uses(authenticator)).token).toBeDefined();
  });

  test('an answer that comes to both at once is good at one (WA-01)', { timeout: TIMEOUT }, async () => {
    const { authenticator } = await withPasskey('bob');
    const begun = await begin(0, 'PasskeyLogin');
    const other = new Visit(rests[1] as RestClient, 'PasskeyLogin');
    other.answer = begun.answer;
    const { text } = authenticator.signIn(begun.data(), ORIGIN);
    const both = await Promise.all([begun.says(text), other.says(jsonAnswerText(text, 'platform'))]);
    expect(both.filter(({ token }) => token !== undefined)).toHaveLength(1);
  });

  test('one that is removed at one is dead at the other, also where it was just asked for (WA-32)', {
    timeout: TIMEOUT,
  }, async () => {
    const { username, authenticator, token } = await withPasskey('cleo');
    const begun = await begin(1, 'PasskeyLogin');
    const devices = `/users/${username}/devices/2fa/webauthn`;
    const listed = await rests[0]?.('GET', `${devices}?_queryFilter=true`, { token });
    const [{ uuid = '' } = {}] = (listed?.body.result ?? []) as readonly { readonly uuid?: string }[];
    // Changes of devices need a factor in the session.
    const stepped = await (await begin(0, 'StepUp', token)).uses(authenticator);
    expect((await rests[0]?.('DELETE', `${devices}/${uuid}`, { token: stepped.token }))?.status).toBe(200);
    expect((await begun.uses(authenticator)).token).toBeUndefined();
  });

  test('an erased user’s is gone at the other', { timeout: TIMEOUT }, async () => {
    const { username, authenticator } = await withPasskey('dan');
    const rest = rests[0] as RestClient;
    const administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const begun = await begin(1, 'PasskeyLogin');
    expect((await rest('DELETE', `/users/${username}`, { token: administrator })).status).toBe(200);
    expect((await begun.uses(authenticator)).token).toBeUndefined();
    expect((await (await begin(1, 'PasskeyLogin')).uses(authenticator)).token).toBeUndefined();
  });
});
