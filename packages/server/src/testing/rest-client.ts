import { inject } from './inject.ts';
import type { SteeredServer } from './steered-server.ts';

export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Calls REST without a socket, as somebody who signed in with a password, or as nobody. */
export type RestClient = (
  method: Method,
  path: string,
  options?: {
    readonly token?: string | undefined;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  },
) => Promise<RestAnswer>;

export const restClient =
  ({ assent }: Pick<SteeredServer, 'assent'>): RestClient =>
  async (method, path, { token, body, headers } = {}) => {
    const { host, pathname } = new URL(assent.publicUrl);
    const response = await inject(assent, {
      method,
      url: `${pathname}/json${path}`,
      headers: {
        host,
        'accept-api-version': 'resource=2.0',
        ...(token !== undefined && { iplanetdirectorypro: token }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    return {
      status: response.statusCode,
      headers: response.headers,
      body: response.body === '' ? {} : response.json<Readonly<Record<string, unknown>>>(),
    };
  };

interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly {
    readonly type: string;
    readonly input: readonly { readonly name: string; readonly value: unknown }[];
  }[];
}

/** The token of a sign-in by the journey `Login`; undefined where it fails. */
export const signIn = async (
  rest: RestClient,
  realm: string,
  username: string,
  password: string,
): Promise<string | undefined> => {
  const path = `${realm === '/' ? '' : realm}/authenticate?authIndexType=service&authIndexValue=Login`;
  const headers = { 'accept-api-version': 'protocol=1.0,resource=2.1' };
  const step = (await rest('POST', path, { body: {}, headers })).body as Step;
  const callbacks = (step.callbacks ?? []).map((callback) => ({
    ...callback,
    input: callback.input.map((input) => ({
      ...input,
      value:
        callback.type === 'NameCallback' ? username : callback.type === 'PasswordCallback' ? password : input.value,
    })),
  }));
  const next = (await rest('POST', path, { body: { authId: step.authId, callbacks }, headers })).body as Step;
  return next.tokenId;
};
