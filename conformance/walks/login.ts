import { randomUUID } from 'node:crypto';
import type { WireAnswer } from '../support/wire.ts';
import { API, type LogLine, urlIn, type Walker } from './world.ts';

export interface Entry {
  readonly name: string;
  readonly value: unknown;
}

export interface Callback {
  readonly type: string;
  readonly output?: readonly Entry[];
  readonly input?: readonly Entry[];
  readonly _id?: number;
}

export type JourneyName = 'PushLogin' | 'PushLoginBasic';

/** A login under way: it holds the newest step and posts it back, as every client does. */
export class Login {
  readonly walker: Walker;
  readonly journey: string;
  readonly transactionId = randomUUID();
  #reply: WireAnswer = { status: 0, headers: {}, body: {} };

  private constructor(walker: Walker, journey: string) {
    this.walker = walker;
    this.journey = journey;
  }

  static async start(walker: Walker, journey: string): Promise<Login> {
    const login = new Login(walker, journey);
    login.#reply = await login.#post({});
    return login;
  }

  /** The newest answer of the server. */
  get reply(): WireAnswer {
    return this.#reply;
  }

  get callbacks(): readonly Callback[] {
    return (this.#reply.body.callbacks ?? []) as readonly Callback[];
  }

  get authId(): string {
    const { authId } = this.#reply.body;
    if (typeof authId !== 'string') throw new Error(`The login is over: ${JSON.stringify(this.#reply)}`);
    return authId;
  }

  /** Sends the step back as it came: a poll, or a plain *continue*. */
  repost(): Promise<void> {
    return this.submit(this.callbacks);
  }

  /** Sends the step back with the first input of every callback of that type set. */
  answer(values: Readonly<Record<string, unknown>>): Promise<void> {
    return this.submit(
      this.callbacks.map((callback) => {
        const [first, ...others] = callback.input ?? [];
        return first !== undefined && Object.hasOwn(values, callback.type)
          ? { ...callback, input: [{ ...first, value: values[callback.type] }, ...others] }
          : callback;
      }),
    );
  }

  /** Sends back those callbacks, which may differ from the step. */
  async submit(callbacks: readonly unknown[]): Promise<void> {
    this.#reply = await this.#post({ authId: this.authId, callbacks });
  }

  press(option: number): Promise<void> {
    return this.answer({ ConfirmationCallback: option });
  }

  type(text: string): Promise<void> {
    return this.answer({ NameCallback: text });
  }

  signIn(password = this.walker.password): Promise<void> {
    return this.answer({ NameCallback: this.walker.username, PasswordCallback: password });
  }

  tellDevice(): Promise<void> {
    const profile = {
      identifier: 'walk-0001',
      metadata: { platform: { platform: 'Linux x86_64' } },
      location: { latitude: 48.1371, longitude: 11.5754 },
    };
    return this.answer({ DeviceProfileCallback: JSON.stringify(profile) });
  }

  /** A body of the caller's own choice; the login itself stays where it is. */
  postAside(body: unknown): Promise<WireAnswer> {
    return this.#post(body);
  }

  /** What the server logged about this login. */
  async log(): Promise<readonly LogLine[]> {
    return (await this.walker.world.log()).filter((line) => line.transactionId === this.transactionId);
  }

  #post(body: unknown): Promise<WireAnswer> {
    const query = `authIndexType=service&authIndexValue=${this.journey}`;
    return this.walker.world.send({
      method: 'POST',
      url: urlIn(this.walker, `authenticate?${query}`),
      headers: { ...API, 'user-agent': 'Walker/1.0', 'x-forgerock-transactionid': this.transactionId },
      body,
    });
  }
}
