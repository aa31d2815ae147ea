import { createHash } from 'node:crypto';
import { inject } from './inject.ts';
import { type RestClient, restClient } from './rest-client.ts';
import type { SteeredServer } from './steered-server.ts';

/** Where the applications of the walks are led back to; nobody is there. */
export const CALLBACK = 'https://app.example.com/cb';
/** RFC 8628 §3.4. */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** The realm that the applications are in. */
const REALM = 'alpha';

const VERIFIER = 'v'.repeat(43);
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

export interface Asked {
  readonly method?: 'GET' | 'POST';
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly realm?: string;
}

export interface OAuthAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The JSON object of the answer; an empty one where it is something else. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** An authorization request that nothing is wrong with. */
export const REQUEST = {
  client_id: 'app',
  redirect_uri: CALLBACK,
  response_type: 'code',
  scope: 'openid email',
  state: 'st',
  nonce: 'no',
  code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
  code_challenge_method: 'S256',
};

/** What a redirect brings to the application. */
export const landed = ({ headers }: Pick<OAuthAnswer, 'headers'>): Readonly<Record<string, string>> =>
  Object.fromEntries(new URL(String(headers.location)).searchParams);

/** What a JWT says; whether it is signed is another question. */
export const claimsOf = (jwt: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

/** Puts a client into the realm `/alpha` that asks nobody for consent. */
export const putClient = async (
  rest: RestClient,
  token: string | undefined,
  id: string,
  core: Readonly<Record<string, unknown>>,
  openId: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const { status, body } = await rest('PUT', `/${REALM}/realm-config/agents/OAuth2Client/${id}`, {
    token,
    body: {
      coreOAuth2ClientConfig: { scopes: ['openid', 'email', 'profile', 'offline_access'], ...core },
      advancedOAuth2ClientConfig: {
        grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE_GRANT],
        responseTypes: ['code', 'id_token'],
        isConsentImplied: true,
        javascriptOrigins: ['https://app.example.com'],
      },
      coreOpenIDClientConfig: openId,
    },
  });
  if (status !== 201) throw new Error(`The client ${id} was refused with ${status}: ${JSON.stringify(body)}`);
};

/** The application `app` of the realm `/alpha`, at one server. */
export const oauthApplication = (server: SteeredServer) => {
  const rest = restClient(server);
  const { host } = new URL(server.assent.publicUrl);

  const ask = async (
    path: string,
    { form, method = form ? 'POST' : 'GET', headers, realm = REALM }: Asked = {},
  ): Promise<OAuthAnswer> => {
    const answer = await inject(server.assent, {
      method,
      url: `/am/oauth2/${realm}/${path}`,
      headers: { host, ...(form && FORM), ...headers },
      ...(form && { payload: new URLSearchParams(form).toString() }),
    });
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      body: isJson ? answer.json<Readonly<Record<string, unknown>>>() : {},
    };
  };
  const authorize = (headers: Asked['headers'], over: Readonly<Record<string, string>> = {}): Promise<OAuthAnswer> =>
    ask(`authorize?${new URLSearchParams({ ...REQUEST, ...over })}`, { ...(headers && { headers }) });
  const codeOf = async (session: string, over?: Readonly<Record<string, string>>): Promise<string> =>
    landed(await authorize({ iplanetdirectorypro: session }, over)).code ?? '';
  const redeem = (code: string, over: Readonly<Record<string, string>> = {}): Promise<OAuthAnswer> => {
    const own = { grant_type: 'authorization_code', client_id: 'app', redirect_uri: CALLBACK, code_verifier: VERIFIER };
    return ask('access_token', { form: { ...own, code, ...over } });
  };
  return {
    rest,
    ask,
    /** As a program that shows these headers. */
    authorize,
    codeOf,
    redeem,
    async tokens(session: string, over?: Readonly<Record<string, string>>) {
      const { body } = await redeem(await codeOf(session, over));
      return { access: String(body.access_token), refresh: String(body.refresh_token), id: String(body.id_token) };
    },
    refresh: (token: string): Promise<OAuthAnswer> =>
      ask('access_token', { form: { grant_type: 'refresh_token', client_id: 'app', refresh_token: token } }),
    userinfo: (token: string): Promise<OAuthAnswer> =>
      ask('userinfo', { headers: { authorization: `Bearer ${token}` } }),
  };
};

export type OAuthApplication = ReturnType<typeof oauthApplication>;
