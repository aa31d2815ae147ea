import { createHash } from 'node:crypto';
import { plainFetch } from '../provider-world.ts';
import { CB, SECRET } from './clients.ts';

type Fields = Readonly<Record<string, string>>;

export type User = 'ada' | 'bob';

/** A provider that is asked the same as another one. Both have the same addresses below their issuers. */
export interface Peer {
  readonly issuer: string;
  /** Where a browser signs in, up to what differs from visit to visit. */
  readonly loginPage: string;
  /** Seconds, by the clock of the provider. */
  now(): Promise<number>;
  /** A browser in which the user is signed in: what it sends as `cookie`. */
  browser(user?: User): Promise<string>;
  /** One that nobody else uses: its session will be ended. */
  newBrowser(user?: User): Promise<string>;
  /** What a browser on its way to the login page is to be asked there: who somebody is, or whether they agree. */
  question(location: URL): Promise<'login' | 'consent'>;
}

/** Signs each user in once. */
export const rememberedBrowser = (newBrowser: Peer['newBrowser']): Peer['browser'] => {
  const known = new Map<User, Promise<string>>();
  return (user = 'ada') => {
    const browser = known.get(user) ?? newBrowser(user);
    known.set(user, browser);
    return browser;
  };
};

export interface Asked {
  readonly method?: 'GET' | 'POST';
  /** Of the address; pairs where a name is to stand there twice. */
  readonly query?: Fields | readonly (readonly [string, string])[];
  readonly form?: Fields | readonly (readonly [string, string])[];
  readonly headers?: Fields;
  /** In place of a form. */
  readonly body?: string;
}

/** An answer as far as two providers must agree on it, and what the next request is made of. */
export interface Answer {
  /** The status and the error, or where a redirect leads and by which way. */
  readonly text: string;
  /** Of the redirect, or of the form that sends itself. */
  readonly fields: Fields;
  readonly body: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly headers: Headers;
}

const encoded = (fields: Asked['form']): string =>
  new URLSearchParams((Array.isArray(fields) ? fields : Object.entries(fields ?? {})) as [string, string][]).toString();

const FORM = 'application/x-www-form-urlencoded';

export const ask = async (peer: Peer, path: string, asked: Asked = {}): Promise<Answer> => {
  const { query, form, body, method = form || body ? 'POST' : 'GET', headers } = asked;
  const response = await plainFetch(`${peer.issuer}/${path}${query ? `?${encoded(query)}` : ''}`, {
    method,
    headers: { ...(method === 'POST' && body === undefined && { 'content-type': FORM }), ...headers },
    ...(method === 'POST' && { body: body ?? encoded(form) }),
  });
  return answerOf(peer, response);
};

/** Which fields an answer has: an error is told by its code, all else by its name. */
const told = (fields: Fields): string =>
  Object.keys(fields)
    .sort()
    .filter((name) => name !== 'error_description')
    .map((name) => (name === 'error' ? `error=${fields.error}` : name))
    .join(' ');

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&');

const formPost = (html: string): { readonly action: string; readonly fields: Fields } | undefined => {
  const action = attribute(/<form[^>]*>/i.exec(html)?.[0] ?? '', 'action');
  if (action?.startsWith(CB) !== true) return undefined;
  const inputs = [...html.matchAll(/<input[^>]*>/gi)].map(([tag]) => [attribute(tag, 'name'), attribute(tag, 'value')]);
  return { action, fields: Object.fromEntries(inputs.filter(([name]) => name !== undefined)) };
};

const answerOf = async (peer: Peer, response: Response): Promise<Answer> => {
  const { status, headers } = response;
  const content = await response.text();
  const isJson = headers.get('content-type')?.startsWith('application/json') === true;
  const body = isJson && content !== '' ? (JSON.parse(content) as Record<string, unknown>) : {};
  const answer = (text: string, fields: Fields = {}): Answer => ({ text, fields, body, status, headers });
  const location = headers.get('location');
  if (location !== null) {
    const to = new URL(location, peer.issuer);
    if (to.href.startsWith(peer.loginPage)) return answer(`asks for ${await peer.question(to)}`);
    const isFragment = to.hash !== '';
    const fields = Object.fromEntries(isFragment ? new URLSearchParams(to.hash.slice(1)) : to.searchParams);
    return answer(`to ${to.origin}${to.pathname} by ${isFragment ? 'fragment' : 'query'}: ${told(fields)}`, fields);
  }
  const sent = formPost(content);
  if (sent !== undefined) return answer(`to ${sent.action} by form: ${told(sent.fields)}`, sent.fields);
  if (/name="decision"/.test(content)) return answer('asks for consent');
  if (!isJson && content !== '') return answer(`${status} page`);
  const active = typeof body.active === 'boolean' ? (body.active ? ' active' : ' inactive') : '';
  return answer(`${status}${body.error === undefined ? active : ` ${body.error}`}`);
};

// What the cases are made of.

const VERIFIER = 'v'.repeat(43);

/** A request that is right; a case changes one thing of it, and leaves out what it sets to undefined. */
export const REQUEST = {
  client_id: 'spa',
  redirect_uri: CB,
  response_type: 'code',
  scope: 'openid email',
  state: 'a-state',
  nonce: 'a-nonce',
  code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
  code_challenge_method: 'S256',
};

export type Over = Readonly<Record<string, string | undefined>>;

export const over = (base: Fields, change: Over): Fields =>
  Object.fromEntries(
    Object.entries({ ...base, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

export const basic = (id: string, secret = SECRET): Fields => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});

/** What somebody who is signed in is answered. */
export const authorize = async (peer: Peer, change: Over = {}, cookie?: string): Promise<Answer> =>
  ask(peer, 'authorize', { query: over(REQUEST, change), headers: { cookie: cookie ?? (await peer.browser()) } });

export const codeOf = async (peer: Peer, change: Over = {}, cookie?: string): Promise<string> => {
  const { fields, text } = await authorize(peer, change, cookie);
  if (fields.code === undefined) throw new Error(`No code from ${peer.issuer}, but ${text}.`);
  return fields.code;
};

export const token = (peer: Peer, form: Over, headers: Fields = {}): Promise<Answer> =>
  ask(peer, 'access_token', { form: over({}, form), headers });

export const redemption = (code: string): Fields => ({
  grant_type: 'authorization_code',
  client_id: 'spa',
  code,
  redirect_uri: CB,
  code_verifier: VERIFIER,
});

/** The headers by which a confidential client proves itself; none for a public one. */
const proofOf = (id: string): Fields => (id === 'web' || id === 'guessed' ? basic(id) : {});

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly id: string;
}

export const tokensOf = async (
  peer: Peer,
  change: Over = {},
  headers: Fields = {},
  cookie?: string,
): Promise<Tokens> => {
  const code = await codeOf(peer, change, cookie);
  const { client_id: id = 'spa' } = change;
  const { body, text } = await token(peer, { ...redemption(code), client_id: id }, { ...proofOf(id), ...headers });
  if (typeof body.access_token !== 'string') throw new Error(`No tokens from ${peer.issuer}, but ${text}.`);
  return { access: body.access_token, refresh: String(body.refresh_token), id: String(body.id_token) };
};

/** After a wrong proof a right one: wrong ones are counted here, and a client that is locked would be answered whatever it sends. */
export const guessed = async (peer: Peer, answer: Promise<Answer>): Promise<Answer> => {
  const given = await answer;
  const right = await ask(peer, 'token/revoke', { form: { token: 'lemon' }, headers: basic('guessed') });
  if (right.status !== 200) throw new Error(`The client is locked by ${peer.issuer}: ${right.text}.`);
  return given;
};
