import { createHash } from 'node:crypto';
import type { ProofMethod, RealmSettings } from '@assent/engine';
import { heldKeys, seededRandom, simulatedClock, TEST_START } from '@assent/engine/testing';
import { authorizeEndpoint } from '../authorize/authorize.ts';
import type { OAuthClient } from '../model/clients.ts';
import type { ProviderSettings } from '../model/provider.ts';
import type { SignedIn } from '../people/signed-in.ts';
import type { OAuthAnswer } from '../protocol/answer.ts';
import type { OAuthRequest, Parameters } from '../protocol/request.ts';
import type { LoginRequest, ProviderPorts } from '../provider-ports.ts';
import { Handles } from '../tokens/handles.ts';
import { idToken } from '../tokens/id-token.ts';
import { RequestMarks } from '../tokens/request-marks.ts';
import { SigningKeys } from '../tokens/signing-keys.ts';
import { pooledKeys } from './pooled-keys.ts';
import { storedOAuthPorts } from './stored-oauth-ports.ts';
import { testClient, testSettings } from './test-client.ts';

export const CB = 'https://app.example/cb';
export const ISSUER = 'https://id.example/am/oauth2/realms/root';
export const usualRequest: Parameters = {
  client_id: 'app',
  redirect_uri: CB,
  response_type: 'code',
  scope: 'openid email',
  state: 'st',
  nonce: 'n',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};
export const TOKEN = 'session-token';
export const TOKEN_HASH = createHash('sha256').update(TOKEN).digest('base64url');
const MINUTE = 60_000;

export interface AuthorizeGiven {
  readonly client?: Partial<OAuthClient>;
  readonly settings?: Partial<ProviderSettings>;
  readonly isSignedIn?: boolean;
}

/** The authorization endpoint of a realm with one client, and a browser that asks it. */
export const authorizeHarness = ({ client, settings, isSignedIn = true }: AuthorizeGiven = {}) => {
  const store = storedOAuthPorts();
  const clock = simulatedClock();
  const marks = new RequestMarks(heldKeys(new Uint8Array(32).fill(1)));
  const handles = new Handles(heldKeys(new Uint8Array(32).fill(2)));
  const keys = new SigningKeys({ ...store, clock, newPrivateKey: pooledKeys() });
  const identity = store.addIdentity({ id: 'user-1', username: 'demo' });
  store.addSession({ tokenHash: TOKEN_HASH, sid: 'sid-1', userId: identity.id });
  const login = TEST_START - MINUTE;
  let person: SignedIn | undefined = isSignedIn
    ? {
        sid: 'sid-1',
        tokenHash: TOKEN_HASH,
        identity,
        factors: [{ method: 'password', at: login }],
        journeys: [{ tree: 'Login', at: login }],
        properties: {},
      }
    : undefined;
  const app = testClient(client);
  const sentTo: LoginRequest[] = [];
  const reported: unknown[] = [];
  const ports = {
    ...store,
    get committer() {
      return store.committer;
    },
    clock,
    random: seededRandom(),
    clients: { find: (realm: string, id: string) => (realm === app.realm && id === app.id ? app : undefined) },
    settings: () => testSettings(settings),
    signedIn: async () => person,
    report: (fault: unknown) => reported.push(fault),
    digestOfSecret: (text: string) => createHash('sha256').update(text).digest(),
    loginAddress: (to: LoginRequest) => {
      sentTo.push(to);
      return 'https://id.example/am/login';
    },
  } as unknown as ProviderPorts;
  const endpoint = authorizeEndpoint({
    ports,
    handles,
    marks,
    keys,
  });
  const ask = (parameters: Parameters = usualRequest, http: Partial<OAuthRequest> = {}): Promise<OAuthAnswer> =>
    endpoint({
      method: 'GET',
      realm: { realm: '/' } as RealmSettings,
      parameters,
      header: () => undefined,
      address: `${ISSUER}/authorize`,
      query: '',
      isNavigation: true,
      clientAddress: '192.0.2.1',
      transactionId: 'tx',
      hasSessionHeader: false,
      ...http,
    });
  return {
    store,
    clock,
    handles,
    marks,
    ask,
    /** An ID token of this provider, for another user than the one who is signed in where it says so. */
    hintFor: (subject: string) =>
      idToken(keys, {
        provider: testSettings(settings),
        client: app,
        subject,
        signIn: { amr: [], authTime: 0, sid: 'sid-0' },
        issuedAt: 0,
      }),
    sentTo,
    /** What whoever runs the server was told of. */
    reported,
    /** What the login page is told to lead back to. */
    back: (): Parameters => Object.fromEntries(new URL(sentTo.at(-1)?.goto ?? '').searchParams),
    /** The user walks a journey, in the same session. */
    signIn(tree: string, factor: boolean | ProofMethod = true) {
      const at = clock.now();
      const method = typeof factor === 'string' ? factor : 'password';
      const before = person ?? {
        sid: 'sid-1',
        tokenHash: TOKEN_HASH,
        identity,
        properties: {},
        factors: [],
        journeys: [],
      };
      person = {
        ...before,
        journeys: [...before.journeys.filter((it) => it.tree !== tree), { tree, at }],
        factors:
          factor === false ? before.factors : [...before.factors.filter((it) => it.method !== method), { method, at }],
      };
    },
  };
};

/** What a redirect says. */
export const landed = (answer: OAuthAnswer): Readonly<Record<string, string>> => {
  if (answer.kind !== 'redirect') throw new Error(`not a redirect but ${JSON.stringify(answer)}`);
  const { searchParams, origin, pathname } = new URL(answer.location.replace('#', '?'));
  return { to: origin + pathname, ...Object.fromEntries(searchParams) };
};
export const errorOf = async (answer: Promise<OAuthAnswer>) => landed(await answer).error;
