import assert from 'node:assert/strict';
import { asAdministrator } from '../../support/administrator.ts';
import type { PhoneOptions, PushRequest } from '../../support/phone.ts';
import { realmPath } from '../../support/realm-path.ts';
import {
  DEVICE_PROFILE,
  filled,
  hiddenValue,
  OPTION,
  outputOf,
  type RestAnswer,
  setupCode,
} from '../../support/rest-client.ts';
import { jsonObject, type Send } from '../../support/wire.ts';
import type { Witness } from '../invariants/witness.ts';
import type { AttackClient } from './attack-client.ts';
import type { AttackTarget } from './attack-target.ts';
import { type Enrolled, OpenPhone, type Person, SetupCode, type Waiting } from './open-phone.ts';

/** Easy to find again in whatever the server writes. */
export const PASSWORD = 'Canary-Password-7f3a';
export const WRONG = 'Canary-Wrong-Password-91be';

/** The body of a refusal, as AM writes it. */
export const refusal = (code: number, reason: string, message: string) => ({ code, reason, message });
export const EXPIRED = { ...refusal(401, 'Unauthorized', 'Session has timed out'), detail: { errorCode: '110' } };
const LOGIN_FAILURE = { ...refusal(401, 'Unauthorized', 'Login failure'), detail: { failureUrl: '' } };
/** All that a phone is told which did something wrong (SEC-34). */
export const BAD_REQUEST = refusal(400, 'Bad Request', 'Bad request.');

const API = { 'content-type': 'application/json', 'accept-api-version': 'protocol=1.0,resource=2.1' };

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  readonly from?: string;
}

const CODES = /\b[0-9A-HJKMNP-TV-Z]{16}\b/g;
const MINUTE = 60_000;
/** As long as any throttle lasts (SEC-25, SEC-26, SEC-57); documented in docs/attack.md. */
const THROTTLED_MILLIS = [61 * MINUTE, 24 * 60 * MINUTE];

/** Who makes one case: from an address of its own, on people of its own, so that no case is in the way of another. */
export class Attacker {
  readonly target: AttackTarget;
  readonly witness: Witness;
  readonly address: string;
  /** How many do the same at once, where that is the attack. */
  readonly atOnce: number;
  readonly #client: AttackClient;
  readonly #newName: () => string;
  readonly #enrolled: Enrolled[] = [];
  readonly #gone = new Set<string>();

  constructor(
    target: AttackTarget,
    client: AttackClient,
    witness: Witness,
    { address, atOnce, newName }: { readonly address: string; readonly atOnce: number; readonly newName: () => string },
  ) {
    this.target = target;
    this.#client = client;
    this.witness = witness;
    this.address = address;
    this.atOnce = atOnce;
    this.#newName = newName;
  }

  get am(): string {
    return this.target.am;
  }

  get origin(): string {
    return new URL(this.am).origin;
  }

  /** Below `{am}`, as a client of the API sends it; a body that is text goes out as it is. */
  ask(path: string, { method = 'POST', headers = {}, body = {}, from }: Asked = {}): Promise<RestAnswer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const given = method === 'GET' || body === undefined ? {} : { body: text };
    return this.raw(`${new URL(this.am).pathname}${path}`, { method, headers: { ...API, ...headers }, ...given, from });
  }

  /** From the root of the host, and exactly so. */
  raw(
    path: string,
    {
      method = 'POST',
      headers = {},
      body,
      from = this.address,
    }: {
      readonly method?: string;
      readonly headers?: Asked['headers'];
      readonly body?: string | Uint8Array;
      readonly from?: string | undefined;
    } = {},
  ): Promise<RestAnswer> {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
    );
    return this.#client.send({ method, path, headers: sent, ...(body !== undefined && { body }), from });
  }

  /** The first answer of a connection on which just these bytes are written; `{host}` stands for the name of the host. */
  bytes(text: string): Promise<string> {
    return this.#client.bytes(text, this.address);
  }

  /** As phones and administrators send. */
  readonly send: Send = async ({ method, url, headers = {}, body }) => {
    const { pathname, search } = new URL(url);
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await this.raw(`${pathname}${search}`, {
      method,
      headers: { ...headers, ...json },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (url.endsWith('/authenticate') && answer.tokenId !== undefined) this.witness.legal(answer.tokenId);
    const found = Object.fromEntries(answer.headers);
    return { status: answer.status, headers: found, body: jsonObject(answer.text.startsWith('{') ? answer.text : '') };
  };

  asAdministrator(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) {
    const { am, administrator } = this.target;
    return asAdministrator({ am, administrator, send: this.send }, method, path, body);
  }

  /** Notes what the server may write nowhere, and gives it back. */
  keep(secret: string): string {
    return this.witness.keep(secret);
  }

  /** Moves the clock of the server; for cases that need it. */
  async pass(millis: number): Promise<void> {
    assert(this.target.pass, 'The clock of this server cannot be moved.');
    await this.target.pass(millis);
  }

  authenticate(tree?: string, realm = '/'): string {
    const query = tree === undefined ? '' : `?authIndexType=service&authIndexValue=${tree}`;
    return `${realmPath(realm)}/authenticate${query}`;
  }

  async start(tree?: string, asked: Asked = {}): Promise<RestAnswer> {
    return this.ask(this.authenticate(tree), asked);
  }

  submit(
    step: Pick<RestAnswer, 'authId' | 'callbacks'>,
    answers: Readonly<Record<number, unknown>> = {},
    asked: Omit<Asked, 'body'> = {},
  ): Promise<RestAnswer> {
    return this.ask(this.authenticate(), { ...asked, body: filled(step, answers) });
  }

  async login(user: string, password = PASSWORD, asked: Omit<Asked, 'body'> = {}, tree = 'Login'): Promise<RestAnswer> {
    return this.submit(await this.start(tree, asked), { 0: user, 1: password }, asked);
  }

  /** The steps up to what follows the device profile: options, or a wait for the phone. */
  async passPassword(user: string, tree = 'PushLogin', asked: Omit<Asked, 'body'> = {}): Promise<RestAnswer> {
    const profile = await this.submit(await this.start(tree, asked), { 0: user, 1: PASSWORD }, asked);
    if (profile.callbacks[0]?.type !== 'DeviceProfileCallback') return profile;
    return this.submit(profile, { 0: DEVICE_PROFILE }, asked);
  }

  /** The registration step, with its setup code. */
  async chooseRegister(options: RestAnswer): Promise<RestAnswer & { readonly code: SetupCode }> {
    const at = options.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
    const step = await this.submit(options, { [at]: OPTION.register });
    const code = new SetupCode(this.keep(setupCode(step)));
    this.keep(new URL(code.uri).searchParams.get('s') ?? '');
    return { ...step, code };
  }

  /** A session that somebody may have: the only sessions there may be are those that a case has said this of (I1). */
  expectSession(answer: RestAnswer, by: { readonly message?: string; readonly code?: string } = {}): string {
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.tokenId, `A session was expected, and came ${answer.text}`);
    this.witness.signedIn(answer.tokenId, answer.headers.get('x-transaction-id') ?? '', by);
    return answer.tokenId;
  }

  /** AM's words for everything that is wrong with who signs in, alike for whatever it was (I7). */
  expectLoginFailure(answer: RestAnswer): void {
    assert.deepEqual([answer.status, answer.body], [401, LOGIN_FAILURE]);
  }

  async person(realm = '/'): Promise<Person> {
    return this.personNamed(this.#newName(), realm);
  }

  async personNamed(name: string, realm = '/'): Promise<Person> {
    const { addUser } = this.target;
    if (addUser === undefined) {
      const user = { username: name, userpassword: PASSWORD };
      const { status } = await this.asAdministrator('POST', `${realmPath(realm)}/users?_action=create`, user);
      assert.equal(status, 201);
    } else await addUser(name, PASSWORD, realm);
    return { name, realm };
  }

  /** A person with a phone: an official app by default, whose answers anybody can sign who knows the secret. */
  async enrolled(options: PhoneOptions = { hasKey: false }): Promise<Enrolled & { readonly session: string }> {
    const { name, realm } = await this.person();
    const setup = await this.chooseRegister(await this.passPassword(name));
    const open = await OpenPhone.register(this, setup.code.uri, options);
    const shown = await this.submit(setup);
    const codes = String(outputOf(shown.callbacks[0], 'message')).match(CODES) ?? [];
    assert.equal(codes.length, 10, shown.text);
    for (const code of codes) this.keep(code);
    const person = { name, realm, open, codes };
    this.witness.connected(name);
    this.#enrolled.push(person);
    const waiting = await this.waitingOn(person, await this.submit(shown));
    return { ...person, session: await this.approve(person, waiting) };
  }

  /** A time of the server's clock, as phones have it. */
  now(): number {
    return this.target.now();
  }

  /** What the page waits for and the phone shows. */
  async waitingOn({ open }: Pick<Enrolled, 'open'>, wait: RestAnswer): Promise<Waiting> {
    assert.equal(wait.status, 200, wait.text);
    return {
      wait,
      request: await open.phone.request(),
      number: this.keep(hiddenValue(wait, 'pushChallengeNumber')),
    };
  }

  async waiting(person: Enrolled, tree = 'PushLogin', asked: Omit<Asked, 'body'> = {}): Promise<Waiting> {
    return this.waitingOn(person, await this.passPassword(person.name, tree, asked));
  }

  /** A good answer, and the session that comes of it. */
  async approve({ open }: Pick<Enrolled, 'open'>, { wait, request, number }: Waiting): Promise<string> {
    const answer = await open.phone.approve(request, number === '' ? undefined : number);
    assert.equal(answer.status, 200);
    return this.expectSession(await this.submit(wait), { message: request.messageId });
  }

  /** Lets as many do it as there are, at once; each is told which of them it is. */
  atTheSameTime<T>(one: (at: number) => Promise<T>, many = this.atOnce): Promise<readonly T[]> {
    return Promise.all(Array.from({ length: many }, (_, at) => one(at)));
  }

  /** Another address of the same attacker. */
  elsewhere(at: number): string {
    return this.address.replace(/^127\.(\d+)\.(\d+)/, (_, a: string) => `127.${Number(a) + 100}.${1 + (at % 250)}`);
  }

  /** Whatever a phone may say: `action` is that of the message endpoint. */
  phone(action: string, body: unknown, { realm = '/', ...asked }: Asked & { readonly realm?: string } = {}) {
    return this.ask(`${realmPath(realm)}/push/sns/message?_action=${action}`, { ...asked, body });
  }

  /** A login of a person from the page of recovery codes. */
  async recoveryField(person: Pick<Person, 'name'>): Promise<RestAnswer> {
    const wait = await this.passPassword(person.name);
    const exit = wait.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
    return this.submit(wait, { [exit]: 0 });
  }

  /** What the server says of the wait now. */
  poll({ wait }: Pick<Waiting, 'wait'>): Promise<RestAnswer> {
    return this.submit(wait);
  }

  /** They cannot sign in any more, or not by what they had, and the case wants it so. */
  lost({ name }: Person): void {
    this.#gone.add(name);
  }

  /** Whoever was attacked (the first of a case, or everybody of it) signs in, within the time for which throttles are documented to last (I3). */
  async honestLogins(isEverybody: boolean): Promise<readonly string[]> {
    const stuck: string[] = [];
    for (const person of isEverybody ? this.#enrolled : this.#enrolled.slice(0, 1)) {
      if (this.#gone.has(person.name)) continue;
      let reason = '';
      for (const millis of [0, ...THROTTLED_MILLIS]) {
        if (millis > 0 && this.target.pass === undefined) break;
        if (millis > 0) await this.target.pass?.(millis);
        reason = await this.#signsIn(person);
        if (reason === '') break;
      }
      if (reason !== '') stuck.push(`${person.name} cannot sign in: ${reason}`);
    }
    return stuck;
  }

  async #signsIn(person: Enrolled): Promise<string> {
    try {
      await this.approve(person, await this.waiting(person));
      return '';
    } catch (error) {
      return String(error instanceof Error ? error.message : error).slice(0, 300);
    }
  }
}

/** Whether there is a request on the phone by now. */
export const ringing = async ({ open }: Pick<Enrolled, 'open'>): Promise<readonly PushRequest[]> =>
  open.phone.pending();
