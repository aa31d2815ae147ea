import { createHmac } from 'node:crypto';
import type { Identity, Random } from '@assent/engine';
import { heldKeys, type SimulatedClock, seededRandom, simulatedClock, testRealm } from '@assent/engine/testing';
import type { OAuthClient } from '../model/clients.ts';
import type { OAuthGrant } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import type { SignedIn } from '../people/signed-in.ts';
import type { Endpoint, OAuthAnswer } from '../protocol/answer.ts';
import { errorAnswer } from '../protocol/error-answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { Outbound, OutboundCall } from '../protocol/outbound.ts';
import type { OAuthRequest, Parameters } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import { ClientKeys } from '../token/client-keys.ts';
import type { TokenContext } from '../token/token-context.ts';
import { Handles } from '../tokens/handles.ts';
import { RequestMarks } from '../tokens/request-marks.ts';
import { SigningKeys } from '../tokens/signing-keys.ts';
import { pooledKeys } from './pooled-keys.ts';
import { type StoredOAuthPorts, storedOAuthPorts } from './stored-oauth-ports.ts';
import { testClient, testSettings } from './test-client.ts';

const SECRET_KEY = Buffer.alloc(32, 5);
const digestOfSecret = (secret: string): Uint8Array => createHmac('sha256', SECRET_KEY).update(secret).digest();

/** What a confidential client has in place of what public ones have; its secret is `secret`. */
export const WITH_SECRET: Partial<OAuthClient> = {
  isPublic: false,
  authMethod: 'client_secret_basic',
  secrets: [{ digest: digestOfSecret('secret'), isGenerated: false }],
};

export const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;

export interface TestProviderOptions {
  readonly clients?: readonly Partial<OAuthClient>[];
  readonly settings?: Partial<ProviderSettings>;
}

export interface CallOptions {
  readonly realm?: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly clientAddress?: string;
  readonly isNavigation?: boolean;
  readonly query?: string;
}

/** A provider whose clock, randomness, users and clients are a test's. */
export interface TestProvider extends TokenContext {
  readonly marks: RequestMarks;
  readonly store: StoredOAuthPorts;
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly clients: Map<string, OAuthClient>;
  readonly jane: Identity;
  readonly settingsOf: (realm: string) => ProviderSettings;
  /** What stands at the addresses that clients have named: nothing, where a test says nothing else. */
  readonly outside: {
    readonly calls: (OutboundCall & { readonly address: string })[];
    answer: Outbound;
  };
  /** Who the browser's session says is there. */
  person: SignedIn | undefined;
  /** A grant of Jane for the client, in her session, with its code not yet redeemed. */
  grant(over?: Partial<OAuthGrant>): OAuthGrant;
  /** The same once its code is redeemed, with the tokens that its client holds. */
  tokens(over?: Partial<OAuthGrant>): { readonly grant: OAuthGrant; readonly access: string; readonly refresh: string };
  /** Jane, in the browser, by the session of her grants. */
  signInJane(): void;
  /** The names of the events in the trail, but for those of keys, which a realm gets at its first use. */
  events(): readonly string[];
  request(parameters: Parameters, options?: CallOptions): OAuthRequest;
  /** What a server makes of an endpoint: the answer, or that of the error. */
  ask(
    endpoint: (context: TokenContext & { readonly marks: RequestMarks }) => Endpoint,
    parameters: Parameters,
    options?: CallOptions,
  ): Promise<OAuthAnswer>;
}

/** The body of an answer that is JSON. */
export const bodyOf = (answer: OAuthAnswer): Readonly<Record<string, unknown>> => {
  if (answer.kind !== 'json') throw new Error(`The answer is of the kind ${answer.kind}.`);
  return answer.body as Readonly<Record<string, unknown>>;
};

export const JANES_SESSION = { sid: 'sid-of-jane', tokenHash: 'hash-of-janes-token' };

export const testProvider = ({ clients: given = [{}], settings }: TestProviderOptions = {}): TestProvider => {
  const store = storedOAuthPorts();
  const clock = simulatedClock();
  const random = seededRandom();
  const clients = new Map<string, OAuthClient>();
  for (const it of given.map(testClient)) clients.set(`${it.realm} ${it.id}`, it);
  const settingsOf = (realm: string) =>
    testSettings({
      realm,
      issuer: `https://id.example/am/oauth2/realms/root${realm === '/' ? '' : `/realms${realm}`}`,
      ...settings,
    });
  const jane = store.addIdentity({
    id: 'id-of-jane',
    username: 'jane',
    attributes: { cn: ['Jane Doe'], givenName: ['Jane'], sn: ['Doe'], mail: ['jane@example.com'] },
  });
  store.addSession({ ...JANES_SESSION, userId: jane.id });
  const outside: TestProvider['outside'] = {
    calls: [],
    answer: () => Promise.reject(new Error('nobody is there')),
  };
  const ports: ProviderPorts = {
    ...store,
    clock,
    random,
    clients: { find: (realm, id) => clients.get(`${realm} ${id}`) },
    settings: ({ realm }) => settingsOf(realm),
    signedIn: async () => provider.person,
    hasSession: ({ userId, sid }) => store.sessions.hasSid(userId, sid, clock.now()),
    endOfSession: async ({ userId, sid }) => [{ type: 'session.end', userId, sid }],
    loginAddress: ({ goto }) => `https://id.example/am/login?${new URLSearchParams({ goto })}`,
    digestOfSecret,
    keysOfClient: (client, kid) => clientKeys.of(client, kid),
    outbound(address, call) {
      outside.calls.push({ address, ...call });
      return outside.answer(address, call);
    },
    report: (fault) => {
      throw fault;
    },
  };
  const clientKeys = new ClientKeys({ outbound: (address, call) => ports.outbound(address, call), clock });
  const provider: TestProvider = {
    ports,
    store,
    clock,
    random,
    clients,
    jane,
    settingsOf,
    outside,
    person: undefined,
    marks: new RequestMarks(heldKeys(seededRandom(78).bytes(32))),
    handles: new Handles(heldKeys(seededRandom(77).bytes(32))),
    keys: new SigningKeys({ ...store, clock, newPrivateKey: pooledKeys() }),
    grant(over = {}) {
      const now = clock.now();
      const row: OAuthGrant = {
        id: Buffer.from(random.bytes(16)).toString('base64url'),
        realm: '/',
        clientId: 'app',
        userId: jane.id,
        credentialRev: jane.credentialRev,
        sid: JANES_SESSION.sid,
        scopes: ['openid', 'email'],
        amr: ['pwd'],
        authTime: Math.floor(now / 1_000) - 60,
        status: 'code',
        code: { redirectUri: 'https://app.example/cb', nonce: 'nonce-1' },
        refreshNo: 0,
        rotatedAt: now,
        accessNo: 0,
        dropped: [],
        createdAt: now,
        expiresAt: now + 120_000,
        ...over,
      };
      store.addGrant(row);
      return row;
    },
    tokens(over = {}) {
      const now = clock.now();
      const grant = provider.grant({
        status: 'active',
        redeemedAt: now,
        refreshNo: 1,
        accessNo: 1,
        expiresAt: now + 7 * 24 * 3_600_000,
        ...over,
      });
      const { realm, id: grantId, accessNo, refreshNo } = grant;
      const issuedAt = Math.floor(now / 1_000);
      return {
        grant,
        access: provider.handles.make(realm, 'access', { grantId, no: accessNo, issuedAt, lifetime: 3_600 }),
        refresh: provider.handles.make(realm, 'refresh', { grantId, no: refreshNo }),
      };
    },
    signInJane() {
      provider.person = { ...JANES_SESSION, identity: jane, factors: [], journeys: [], properties: {} };
    },
    events: () => store.audit.map(({ event }) => event).filter((event) => !event.startsWith('KEY_')),
    request: (
      parameters,
      {
        realm = '/',
        method = 'POST',
        headers = {},
        clientAddress = '192.0.2.7',
        isNavigation = false,
        query = '',
      } = {},
    ) => ({
      method,
      realm: testRealm({ realm }),
      parameters,
      header: (name) => headers[name],
      address: `${settingsOf(realm).issuer}/endpoint`,
      query,
      isNavigation,
      clientAddress,
      transactionId: 'transaction-1',
      hasSessionHeader: false,
    }),
    async ask(endpoint, parameters, options) {
      const http = provider.request(parameters, options);
      try {
        return await endpoint(provider)(http);
      } catch (error) {
        if (error instanceof OAuthError) return errorAnswer(error, http, true);
        throw error;
      }
    },
  };
  return provider;
};
