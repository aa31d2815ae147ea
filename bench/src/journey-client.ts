import type { HttpConnection } from './http-connection.ts';

export interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: { readonly name: string; value: unknown }[];
}

export interface Step {
  readonly authId: string;
  readonly callbacks: readonly Callback[];
}

/** Something that the server answered was not what a correct server answers: the run means nothing. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

export const expectTo = (condition: boolean, what: string, got?: unknown): void => {
  if (condition) return;
  const shown = got === undefined ? '' : `; got ${(typeof got === 'string' ? got : JSON.stringify(got)).slice(0, 600)}`;
  throw new WrongAnswer(`Expected ${what}${shown}`);
};

/** Posts to `authenticate` as a client does, and checks that the answer is a step or a session. */
export class JourneyClient {
  readonly #connection: HttpConnection;
  readonly #path: string;

  constructor(connection: HttpConnection, tree: string) {
    this.#connection = connection;
    this.#path = `/am/json/realms/root/authenticate?authIndexType=service&authIndexValue=${tree}`;
  }

  start(query = ''): Promise<Step> {
    return this.#step(query, '{}');
  }

  async submit(step: Step): Promise<Step> {
    return this.#step('', JSON.stringify(step));
  }

  /** The submit that ends the journey; resolves with the token. */
  async finish(step: Step): Promise<string> {
    const { status, body } = await this.#connection.post(this.#path, JSON.stringify(step));
    const { tokenId } = JSON.parse(body) as { readonly tokenId?: unknown };
    if (status !== 200 || typeof tokenId !== 'string' || tokenId.length < 20) expectTo(false, 'a tokenId', body);
    return String(tokenId);
  }

  async #step(query: string, request: string): Promise<Step> {
    const { status, body } = await this.#connection.post(this.#path + query, request);
    const step = JSON.parse(body) as Step;
    if (status !== 200 || typeof step.authId !== 'string' || !Array.isArray(step.callbacks)) {
      expectTo(false, 'a step', body);
    }
    return step;
  }
}

/** Checks that the step asks exactly for that. */
export const expectCallbacks = (step: Step, ...types: readonly string[]): void => {
  const found = step.callbacks;
  if (found.length !== types.length || found.some(({ type }, at) => type !== types[at])) {
    expectTo(false, types.join(', '), found.map(({ type }) => type).join(', '));
  }
};

/** Fills in the inputs of the callbacks, in their order; undefined leaves one as it came. */
export const answer = (step: Step, ...values: readonly unknown[]): Step => {
  values.forEach((value, at) => {
    const input = step.callbacks[at]?.input?.[0];
    if (value === undefined) return;
    if (input === undefined) throw new WrongAnswer(`Callback ${at} has no input.`);
    input.value = value;
  });
  return step;
};

export const outputOf = (step: Step, type: string, name: string): unknown =>
  step.callbacks.find((callback) => callback.type === type)?.output.find((output) => output.name === name)?.value;

export const signIn = async (client: JourneyClient, username: string, password: string): Promise<Step> => {
  const step = await client.start();
  expectCallbacks(step, 'NameCallback', 'PasswordCallback');
  return client.submit(answer(step, username, password));
};
