import { createHash } from 'node:crypto';
import type { HttpConnection } from './http-connection.ts';
import { expectTo } from './journey-client.ts';

/** Where a provider has what an application asks for. */
export interface Addresses {
  readonly authorize: string;
  readonly token: string;
  readonly userinfo: string;
}

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** How long a location is that a redirect leads to, and all the rest of what is compared: no more than a check needs. */
const LOCATION = /\r\nlocation: ([^\r]*)/i;
const CODE = /^https:\/\/app\.example\/cb\?(?:[^#]*&)?code=([^&]+)/;
const FORM = 'content-type: application/x-www-form-urlencoded\r\n';
const VERIFIER = 'v'.repeat(43);

const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString();

const REQUEST = form({
  client_id: 'bench-app',
  redirect_uri: 'https://app.example/cb',
  response_type: 'code',
  scope: 'openid profile email',
  state: 'a-state-of-the-application',
  nonce: 'a-nonce-of-the-application',
  code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
  code_challenge_method: 'S256',
});

/** An application and the browser of its user, who is signed in. */
export class OAuthClient {
  readonly #connection: HttpConnection;
  readonly #addresses: Addresses;

  constructor(connection: HttpConnection, addresses: Addresses) {
    this.#connection = connection;
    this.#addresses = addresses;
  }

  /** Where the browser is led to by a request for a code. */
  static locationOf({ head }: { readonly head: string }): string {
    return LOCATION.exec(head)?.[1] ?? '';
  }

  static requestAt({ authorize }: Addresses): string {
    return `${authorize}?${REQUEST}`;
  }

  async code(cookie: string): Promise<string> {
    const reply = await this.#connection.send({
      method: 'GET',
      path: OAuthClient.requestAt(this.#addresses),
      headers: `accept: text/html\r\ncookie: ${cookie}\r\n`,
    });
    const [, code] = CODE.exec(OAuthClient.locationOf(reply)) ?? [];
    if (code === undefined) expectTo(false, 'a redirect with a code', reply.head);
    return String(code);
  }

  redeem(code: string): Promise<Tokens> {
    return this.#tokens({
      grant_type: 'authorization_code',
      client_id: 'bench-app',
      code,
      redirect_uri: 'https://app.example/cb',
      code_verifier: VERIFIER,
    });
  }

  refresh({ refresh }: Tokens): Promise<Tokens> {
    return this.#tokens({ grant_type: 'refresh_token', client_id: 'bench-app', refresh_token: refresh });
  }

  async userinfo({ access }: Tokens): Promise<void> {
    const { status, body } = await this.#showAt(this.#addresses.userinfo, access);
    if (status !== 200 || typeof JSON.parse(body).sub !== 'string') expectTo(false, 'the user', body);
  }

  /** A token that nobody has made. */
  async forged(access: string): Promise<void> {
    const { status, body } = await this.#showAt(this.#addresses.userinfo, access);
    if (status !== 401) expectTo(false, 'a refusal', body);
  }

  async introspect(path: string, { access }: Tokens): Promise<void> {
    const basic = Buffer.from('bench-api:bench-secret').toString('base64');
    const { status, body } = await this.#connection.send({
      method: 'POST',
      path,
      headers: `${FORM}authorization: Basic ${basic}\r\n`,
      body: form({ token: access }),
    });
    if (status !== 200 || JSON.parse(body).active !== true) expectTo(false, 'an active token', body);
  }

  #showAt(path: string, access: string) {
    return this.#connection.send({ method: 'GET', path, headers: `authorization: Bearer ${access}\r\n` });
  }

  async #tokens(fields: Readonly<Record<string, string>>): Promise<Tokens> {
    const { status, body } = await this.#connection.send({
      method: 'POST',
      path: this.#addresses.token,
      headers: FORM,
      body: form(fields),
    });
    const { access_token: access, refresh_token: refresh, id_token: id } = JSON.parse(body);
    const isWhole = [access, refresh, id].every((token) => typeof token === 'string');
    if (status !== 200 || !isWhole) expectTo(false, 'an access, a refresh and an ID token', body);
    return { access, refresh };
  }
}
