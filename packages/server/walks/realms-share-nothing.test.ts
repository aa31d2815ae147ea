import { TestPhone } from '@assent/push/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Method, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

const USER = 'sam';
const PASSWORD = 'correct horse';
const REALMS = ['/alpha', '/alpha/beta'] as const;
type Realm = (typeof REALMS)[number];

interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly {
    readonly type: string;
    readonly output: readonly { readonly value: unknown }[];
    readonly input?: readonly { readonly name: string; readonly value: unknown }[];
  }[];
}

/** One user of one realm: with a session, a phone, and a login that waits for it. Names and passwords are all alike. */
class Someone {
  readonly phone = new TestPhone({ hasKey: true, deviceType: 'cli' });
  token: string | undefined;
  #wait: Step = {};
  #message: { readonly messageId: string; readonly message: string } | undefined;
  readonly #server: SteeredServer;
  readonly #rest: RestClient;
  readonly realm: Realm;

  constructor(server: SteeredServer, rest: RestClient, realm: Realm) {
    this.#server = server;
    this.#rest = rest;
    this.realm = realm;
  }

  async #submit(realm: string, step: Step, values: Readonly<Record<string, unknown>> = {}): Promise<Step> {
    const callbacks = (step.callbacks ?? []).map((callback) => ({
      ...callback,
      input: callback.input?.map((entry) => ({ ...entry, value: values[callback.type] ?? entry.value })),
    }));
    const answer = await this.#rest('POST', `${realm}/authenticate`, { body: { authId: step.authId, callbacks } });
    return answer.body as Step;
  }

  async #begin(): Promise<Step> {
    const query = '?authIndexType=service&authIndexValue=PushLogin';
    const first = (await this.#rest('POST', `${this.realm}/authenticate${query}`, { body: {} })).body as Step;
    const device = await this.#submit(this.realm, first, { NameCallback: USER, PasswordCallback: PASSWORD });
    return this.#submit(this.realm, device, { DeviceProfileCallback: JSON.stringify({ identifier: 'same' }) });
  }

  async enrol(): Promise<void> {
    await this.#server.createUser(this.realm, USER, PASSWORD);
    const code = await this.#submit(this.realm, await this.#begin());
    const uri = (code.callbacks ?? [])
      .map(({ output }) => String(output[0]?.value))
      .find((it) => it.startsWith('pushauth:'));
    const body = this.phone.registration(this.phone.scan(uri ?? ''));
    const registered = await this.#rest('POST', `${this.realm}/push/sns/message?_action=register`, { body });
    expect(registered.status).toBe(200);
    this.#wait = await this.#submit(this.realm, await this.#submit(this.realm, code));
    await this.fetch(this.realm);
    expect(this.#message).toBeDefined();
    this.token = await signIn(this.#rest, this.realm, USER, PASSWORD);
    expect(this.token).toBeTypeOf('string');
  }

  /** Begins another login; the one before it no longer rings. */
  async startOver(): Promise<void> {
    this.#server.clock.advance(90_000);
    this.#wait = await this.#begin();
    await this.fetch(this.realm);
  }

  async fetch(realm: Realm): Promise<void> {
    const aud = `${this.#server.assent.publicUrl}/json${realm}/push/relay`;
    const bearer = this.phone.relayToken(aud, this.#server.clock.now());
    const { body } = await this.#rest('GET', `${realm}/push/relay?mechanismUid=${this.phone.mechanismUid}`, {
      headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
    });
    const [message] = (body.messages ?? []) as readonly { readonly messageId: string; readonly message: string }[];
    if (message !== undefined) this.#message = message;
  }

  async answer(realm: Realm, deny: boolean): Promise<void> {
    if (this.#message === undefined) return;
    const shown = this.#wait.callbacks?.find(({ type }) => type === 'HiddenValueCallback')?.output[0]?.value;
    const body = this.phone.answer(this.#message.messageId, this.#message.message, {
      now: this.#server.clock.now(),
      ...(deny ? { deny: true as const } : { number: String(shown ?? '00') }),
    });
    await this.#rest('POST', `${realm}/push/sns/message?_action=authenticate`, { body });
  }

  async poll(realm: Realm): Promise<void> {
    const step = await this.#submit(realm, this.#wait);
    if (step.tokenId !== undefined && realm === this.realm) this.token = step.tokenId;
  }

  async call(method: Method, path: string, body?: unknown): Promise<void> {
    await this.#rest(method, path, { token: this.token, body });
  }

  /** All that is stored of this user. */
  async stored(): Promise<unknown> {
    const { store } = this.#server.assent;
    const identity = await store.identities.find(this.realm, USER);
    if (identity === undefined) return undefined;
    const phones = await store.devices.ofUser(identity.id);
    const message = this.#message && (await store.messages.get(this.#message.messageId));
    return {
      identity,
      hash: await store.identities.passwordHash(identity.id),
      phones,
      codes: await store.devices.countCodes(identity.id, 'push'),
      message: message && (await store.messages.ofRequest(message.request)),
      sessions: (await store.sessions.ofUser(identity.id, 0)).map(({ tokenHash }) => tokenHash).sort(),
    };
  }

  async deviceIds(): Promise<readonly string[]> {
    const identity = await this.#server.assent.store.identities.find(this.realm, USER);
    return (await this.#server.assent.store.devices.ofUser(identity?.id ?? '')).map(({ uuid }) => uuid);
  }
}

const OPERATIONS = [
  'read',
  'change',
  'newPassword',
  'listDevices',
  'renameDevice',
  'removeDevice',
  'resetDevices',
  'skip',
  'logout',
  'fetch',
  'approve',
  'deny',
  'poll',
  'startOver',
  'refresh',
] as const;

const perform = async (
  operation: (typeof OPERATIONS)[number],
  actor: Someone,
  victim: Someone,
  at: Realm,
  rest: RestClient,
  now: number,
): Promise<void> => {
  const user = `${at}/users/${USER}`;
  // Also by the id of the other's device: knowing it opens nothing.
  const [device = 'none'] = await (at === actor.realm ? actor : victim).deviceIds();
  const [others = 'none'] = await victim.deviceIds();
  const work: Readonly<Record<typeof operation, () => Promise<void>>> = {
    read: () => actor.call('GET', user),
    change: () => actor.call('PUT', user, { sn: `Changed ${now}` }),
    newPassword: () =>
      actor.call('POST', `${user}?_action=changePassword`, { currentpassword: PASSWORD, userpassword: PASSWORD }),
    listDevices: () => actor.call('GET', `${user}/devices/2fa/push?_queryFilter=true`),
    renameDevice: async () => {
      for (const id of [device, others])
        await actor.call('PUT', `${user}/devices/2fa/push/${id}`, { deviceName: 'Mine' });
    },
    removeDevice: async () => {
      for (const id of [others, device]) await actor.call('DELETE', `${user}/devices/2fa/push/${id}`);
    },
    resetDevices: () => actor.call('POST', `${user}/devices/2fa/push?_action=reset`, {}),
    skip: () => actor.call('POST', `${user}/devices/2fa/push?_action=skip`, { value: true }),
    logout: () => actor.call('POST', `${at}/sessions?_action=logout`, {}),
    fetch: () => actor.fetch(at),
    approve: () => actor.answer(at, false),
    deny: () => actor.answer(at, true),
    poll: () => actor.poll(at),
    startOver: () => actor.startOver(),
    refresh: async () => {
      const body = actor.phone.refresh(now);
      await rest('POST', `${at}/push/sns/message?_action=refresh`, { body });
    },
  };
  await work[operation]();
};

test('two realms with the same user name cannot touch each other’s devices, messages, codes or sessions', async () => {
  const operation = fc.record({
    by: fc.constantFrom(0, 1),
    at: fc.constantFrom(...REALMS),
    operation: fc.constantFrom(...OPERATIONS),
  });
  let changesOfOwn = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 14 }), async (operations) => {
      const server = await steeredServer({ port: 8080 });
      try {
        const rest = restClient(server);
        for (const realm of REALMS) {
          await server.createRealm(realm);
          await server.setPushService(realm, { delegateFactory: 'relay' });
        }
        const people = REALMS.map((realm) => new Someone(server, rest, realm));
        for (const person of people) await person.enrol();
        for (const { by, at, operation: what } of operations) {
          const [actor, victim] = [people[by], people[1 - by]];
          if (actor === undefined || victim === undefined) throw new Error('nobody');
          const before = await victim.stored();
          const own = JSON.stringify(await actor.stored());
          await perform(what, actor, victim, at, rest, server.clock.now());
          expect(await victim.stored(), `${what} by the user of ${actor.realm} at ${at}`).toEqual(before);
          if (JSON.stringify(await actor.stored()) !== own) changesOfOwn += 1;
        }
      } finally {
        await server.assent.stop();
      }
    }),
    { numRuns: 25 },
  );
  // The operations do something where they may: a test in which nothing ever happens would prove nothing.
  expect(changesOfOwn).toBeGreaterThan(10);
});
