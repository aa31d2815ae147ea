import { randomUUID } from 'node:crypto';
import { filled, type RestCallback } from '../../support/rest-client.ts';
import { jsonObject, type Send } from '../../support/wire.ts';
import type { Network } from '../servers/network.ts';

/** The phone, the browser or the server says what it may not say, or nothing. */
export class LedNowhere extends Error {
  override readonly name = 'LedNowhere';
}

/** Success was answered, and the answer was lost: it is answered once (SEC-39), so whoever asks again begins again. So does an application that was sent back. */
export class SuccessWasLost extends Error {
  override readonly name = 'SuccessWasLost';
}

export interface Heard {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly location: string | undefined;
  readonly wasRepeated: boolean;
}

export interface Step {
  readonly authId: string;
  readonly callbacks: readonly RestCallback[];
}

export type End = { readonly token: string } | { readonly refused: string };

const isTimedOut = ({ status, body }: Heard): boolean =>
  status === 401 && (body.detail as { readonly errorCode?: unknown } | undefined)?.errorCode === '110';

/** One login, from one address, by one browser and the phone beside it: all of its requests carry its id into the trail. */
export class Visit {
  readonly id = randomUUID();
  readonly startedAt = performance.now();
  readonly #am: string;
  readonly #network: Network;
  readonly #address: string;

  constructor(am: string, network: Network, address: string) {
    this.#am = am;
    this.#network = network;
    this.#address = address;
  }

  /** What a phone of this login sends by. */
  readonly send: Send = async ({ method, url, headers, body }) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await this.#network.send({
      method,
      url,
      headers: { ...headers, ...type, ...this.#marks },
      ...(text !== undefined && { body: text }),
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: jsonObject(answer.text.startsWith('{') ? answer.text : ''),
    };
  };

  get #marks() {
    return { 'x-forgerock-transactionid': this.id, 'x-forwarded-for': this.#address };
  }

  async ask(
    method: 'GET' | 'POST',
    path: string,
    { headers = {}, body }: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
  ): Promise<Heard> {
    const {
      status,
      text,
      wasRepeated,
      headers: heard,
    } = await this.#network.send({
      method,
      url: `${this.#am}/${path}`,
      headers: { ...headers, ...this.#marks },
      ...(body !== undefined && { body }),
    });
    return { status, wasRepeated, location: heard.location, body: jsonObject(text.startsWith('{') ? text : '') };
  }

  #json(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Heard> {
    return this.ask('POST', `json/realms/root/${path}`, {
      headers: { 'content-type': 'application/json', 'accept-api-version': 'protocol=1.0,resource=2.1', ...headers },
      body: JSON.stringify(body),
    });
  }

  async start(journey: string): Promise<Step> {
    return this.#step(
      await this.#json(`authenticate?authIndexType=service&authIndexValue=${journey}`, {}),
      'the first step',
    );
  }

  /** A submit that another step follows. */
  async go(step: Step, answers: Readonly<Record<number, unknown>>, what: string): Promise<Step> {
    return this.#step(await this.#json('authenticate', filled(step, answers)), what);
  }

  /** A submit that ends the journey, or that its step follows once more. */
  async end(step: Step, answers: Readonly<Record<number, unknown>>): Promise<End | Step> {
    const heard = await this.#json('authenticate', filled(step, answers));
    if (typeof heard.body.tokenId === 'string') return { token: heard.body.tokenId };
    if (heard.wasRepeated && isTimedOut(heard)) throw new SuccessWasLost();
    if (heard.status === 401 && heard.body.message === 'Login failure') return { refused: 'Login failure' };
    return this.#step(heard, 'the end');
  }

  async session(action: 'logout' | 'validate', token: string): Promise<Heard> {
    return this.#json(`sessions?_action=${action}`, { tokenId: token });
  }

  #step(heard: Heard, what: string): Step {
    const { status, body, wasRepeated } = heard;
    if (status === 200 && typeof body.authId === 'string') {
      return { authId: body.authId, callbacks: body.callbacks as readonly RestCallback[] };
    }
    if (wasRepeated && isTimedOut(heard)) throw new SuccessWasLost();
    throw new LedNowhere(`${what} was expected, and came ${status} ${JSON.stringify(body).slice(0, 300)}`);
  }
}
