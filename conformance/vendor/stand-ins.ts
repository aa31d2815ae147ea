import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Administered, type AsAdministrator, signInAdministrator } from '../support/administrator.ts';
import { sendByFetch } from '../support/wire.ts';
import { type Handler, TENANT } from './hosts.ts';
import { APP_ORIGINS } from './realm.ts';

/** The tenant that the specs of the current SDK call. */
export const TENANT_AM = `https://${TENANT}/am`;

const COOKIE = 'iPlanetDirectoryPro';

/** The resources behind the gateway, and the policy set that decides about each. */
const GATED: Readonly<Record<string, string>> = {
  '/resource/ig/authz-by-tree': 'TreeBasedPolicy',
  '/resource/ig/authz-by-txn': 'TxnBasedPolicy',
  '/resource/rest/authz-by-txn': 'TxnBasedPolicy',
};

interface Decision {
  readonly actions: Readonly<Record<string, boolean>>;
  readonly advices: Readonly<Record<string, readonly string[]>>;
}

/** AM's paths behind those that the spec of custom paths calls, as a reverse proxy of an operator would rename them. */
const RENAMED: Readonly<Record<string, string>> = {
  '/am/auth/authenticate': '/am/json/realms/root/authenticate',
  '/am/auth/sessions': '/am/json/realms/root/sessions',
  '/am/auth/authorize': '/am/oauth2/realms/root/authorize',
  '/am/auth/tokenExchange': '/am/oauth2/realms/root/access_token',
  '/am/auth/endSession': '/am/oauth2/realms/root/connect/endSession',
  '/am/auth/userInfo': '/am/oauth2/realms/root/userinfo',
  '/am/auth/revoke': '/am/oauth2/realms/root/token/revoke',
};
export const renamedPath = ({ pathname, search }: URL): string => `${RENAMED[pathname] ?? pathname}${search}`;

const cookieOf = ({ headers }: IncomingMessage): string | undefined =>
  new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(headers.cookie ?? '')?.[1];

const allowOrigin = (incoming: IncomingMessage, answer: ServerResponse): void => {
  const { origin = '' } = incoming.headers;
  if (!(APP_ORIGINS as readonly string[]).includes(origin)) return;
  answer.setHeader('access-control-allow-origin', origin);
  answer.setHeader('access-control-allow-credentials', 'true');
  answer.setHeader('access-control-allow-headers', 'authorization, x-authenticate-response, x-txid');
  answer.setHeader('access-control-expose-headers', 'www-authenticate');
};

const json = (answer: ServerResponse, body: object): void =>
  void answer.setHeader('content-type', 'application/json').end(JSON.stringify(body));

/**
 * What stands around AM in the vendor's suites: a login page without a form, where the specs expect to be signed in by itself, and a
 * gateway before resources.
 */
export const standIns = (am: string, administrator: Administered['administrator']): Handler => {
  const signIn = async (realm: string): Promise<string> => {
    const path = realm === '/' ? 'root' : `root/realms${realm}`;
    const { status, body } = await sendByFetch({
      method: 'POST',
      url: `${am}/json/realms/${path}/authenticate?authIndexType=service&authIndexValue=Login`,
      headers: { 'accept-api-version': 'resource=2.1' },
      body: {},
    });
    const step = body as { readonly authId: string; readonly callbacks: readonly { readonly type: string }[] };
    if (status !== 200) throw new Error(`The login page got ${status}: ${JSON.stringify(body)}`);
    const signedIn = await sendByFetch({
      method: 'POST',
      url: `${am}/json/realms/${path}/authenticate`,
      headers: { 'accept-api-version': 'resource=2.1' },
      body: {
        authId: step.authId,
        callbacks: step.callbacks.map(({ type }, at) => ({
          type,
          input: [{ name: `IDToken${at + 1}`, value: type === 'NameCallback' ? 'sdkuser' : 'password' }],
        })),
      },
    });
    if (signedIn.status !== 200) throw new Error(`The login page was refused: ${JSON.stringify(signedIn.body)}`);
    return String(signedIn.body.tokenId);
  };

  let gateway: Promise<AsAdministrator> | undefined;
  /** What the server decides about a resource for the session of the browser, as a gateway asks. */
  const decisionOf = async (incoming: IncomingMessage, url: URL, application: string): Promise<Decision> => {
    gateway ??= signInAdministrator({ am, administrator });
    // The SDK carries the id in the address for a gateway, and in a header for a resource that answers by itself.
    const transaction = url.searchParams.get('_txid') ?? incoming.headers['x-txid'];
    const evaluate = await gateway;
    const { status, body } = await evaluate('POST', '/json/realms/root/policies/?_action=evaluate', {
      application,
      resources: [`${new URL(am).origin}${url.pathname}${url.search}`],
      subject: { ssoToken: cookieOf(incoming) ?? 'none' },
      ...(typeof transaction === 'string' && { environment: { TxId: [transaction] } }),
    });
    if (status !== 200) throw new Error(`The decision was refused with ${status}: ${JSON.stringify(body)}`);
    return (body as unknown as readonly Decision[])[0] as Decision;
  };

  return async (incoming, answer, url) => {
    if (url.pathname === '/login') {
      const session = await signIn(url.searchParams.get('realm') || '/');
      answer
        .writeHead(302, {
          'set-cookie': `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Lax`,
          location: url.searchParams.get('goto') ?? '/',
        })
        .end();
      return true;
    }
    if (!url.pathname.startsWith('/resource/')) return false;
    allowOrigin(incoming, answer);
    if (incoming.method === 'OPTIONS') answer.writeHead(204).end();
    else if (url.pathname === '/resource/reflect-authz-header') {
      json(answer, { message: incoming.headers.authorization ?? '' });
    } else if (GATED[url.pathname] !== undefined) {
      const decision = await decisionOf(incoming, url, GATED[url.pathname] ?? '');
      const { actions, advices } = decision;
      if (actions.GET === true) json(answer, { message: 'allowed' });
      else if (url.pathname.startsWith('/resource/rest/')) json(answer, decision);
      else {
        const text = Buffer.from(JSON.stringify(advices)).toString('base64');
        answer.writeHead(401, { 'www-authenticate': `SSOADVICE realm="/",advices="${text}",am_uri="${am}"` }).end();
      }
    } else answer.writeHead(404).end();
    return true;
  };
};
