import { TestPhone } from '@assent/push/testing';
import { DEMO_USER } from '../composition/seed.ts';
import { inject } from './inject.ts';
import type { SteeredServer } from './steered-server.ts';

type Headers = Readonly<Record<string, string>>;

/** An answer to a step, as far as a page that waits for a phone reads it. */
export interface WaitingStep {
  readonly authId: string;
  readonly callbacks: readonly {
    readonly type: string;
    readonly output: readonly { readonly name: string; readonly value: unknown }[];
    readonly input?: readonly { readonly name: string; readonly value: unknown }[];
  }[];
  readonly assent?: { readonly phone?: { readonly resend?: { readonly left: number; readonly at: number } } };
  readonly detail?: unknown;
}

/** What makes a client our own login page. */
export const PAGE: Headers = { 'x-assent-page': '1' };

export const hiddenValue = ({ callbacks }: WaitingStep): string =>
  String(callbacks.find(({ type }) => type === 'HiddenValueCallback')?.output[0]?.value ?? '');

const AM = 'http://localhost:8080/am/json';
const profile = { DeviceProfileCallback: '{"identifier":"x"}' };

/** Whose page it is. */
export interface WaitingUser {
  readonly name: string;
  readonly password: string;
  /** Of a realm other than the root realm, as it stands in addresses: `/staff`. */
  readonly realm?: string;
}

/** The login page of one user, the demo user where none is named, and one phone, without a network; the server is looked up anew for each request. */
export class WaitingPage {
  readonly phone = new TestPhone({ hasKey: true, deviceType: 'cli', deviceName: 'Pixel 8' });
  readonly #server: () => SteeredServer;
  readonly #user: WaitingUser;
  readonly #realm: string;

  constructor(server: () => SteeredServer, user: WaitingUser = DEMO_USER) {
    this.#server = server;
    this.#user = user;
    this.#realm = user.realm ?? '';
  }

  /** Below the realm. */
  async post<Body = WaitingStep>(path: string, body: unknown, headers: Headers = PAGE) {
    const answer = await inject(this.#server().assent, {
      method: 'POST',
      url: `/am/json${this.#realm}/${path}`,
      headers: { host: 'localhost:8080', 'content-type': 'application/json', ...headers },
      payload: JSON.stringify(body),
    });
    return { status: answer.statusCode, body: answer.json<Body>(), headers: answer.headers };
  }

  start(headers: Headers = PAGE) {
    return this.post('authenticate?authIndexType=service&authIndexValue=PushLogin', {}, headers);
  }

  submit(step: WaitingStep, values: Readonly<Record<string, unknown>> = {}, headers: Headers = PAGE) {
    const callbacks = step.callbacks.map((callback) => ({
      ...callback,
      input: callback.input?.map((entry) => ({ ...entry, value: values[callback.type] ?? entry.value })),
    }));
    return this.post('authenticate', { authId: step.authId, callbacks }, headers);
  }

  /** To the question whether to register, or to the wait where a phone is registered. */
  async pastPassword(headers: Headers = PAGE): Promise<WaitingStep> {
    const first = (await this.start(headers)).body;
    const credentials = { NameCallback: this.#user.name, PasswordCallback: this.#user.password };
    return (await this.submit((await this.submit(first, credentials, headers)).body, profile, headers)).body;
  }

  async toSetupCode(headers: Headers = PAGE): Promise<WaitingStep> {
    return (await this.submit(await this.pastPassword(headers), {}, headers)).body;
  }

  /** Has the phone answer a setup code. */
  async register(code: WaitingStep): Promise<void> {
    const registration = this.phone.registration(this.phone.scan(hiddenValue(code)));
    await this.post('push/sns/message?_action=register', registration, {});
  }

  /** Up to the step that waits for the phone, which is registered on the way. */
  async toWait(headers: Headers = PAGE): Promise<WaitingStep> {
    const code = await this.toSetupCode(headers);
    await this.register(code);
    const codes = (await this.submit(code, {}, headers)).body;
    return (await this.submit(codes, {}, headers)).body;
  }

  /** What waits for the phone at the relay. */
  async listed(): Promise<readonly { readonly messageId: string; readonly message: string }[]> {
    const { assent, clock } = this.#server();
    const token = this.phone.relayToken(`${AM}${this.#realm}/push/relay`, clock.now());
    const answer = await inject(assent, {
      url: `/am/json${this.#realm}/push/relay?mechanismUid=${this.phone.mechanismUid}`,
      headers: { host: 'localhost:8080', authorization: `Bearer ${token}` },
    });
    return answer.json<{ messages: readonly { messageId: string; message: string }[] }>().messages;
  }

  async answerOnPhone(options: {
    readonly number?: string;
    readonly deny?: true;
    readonly reason?: 'not_me';
  }): Promise<void> {
    const [request] = await this.listed();
    if (request === undefined) throw new Error('no request waits');
    const now = this.#server().clock.now();
    const body = this.phone.answer(request.messageId, request.message, { now, ...options });
    await this.post('push/sns/message?_action=authenticate', body, {});
  }
}
