import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { APP_SCHEME, type ProviderWorld } from './provider-world.ts';

// The requests of the vendor's kits for Android and iOS, which cannot run here: parameters, headers and their order as spec: oidc §4.1
// has them, sent without a library that would add anything.

/** An alphabet of the kit's own, and a length. */
const oneOf = (alphabet: string, length: number): string =>
  [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

interface Persona {
  readonly name: string;
  /** Addresses made from the name of a realm, as the older kits do, or read from discovery. */
  readonly addresses: 'built' | 'discovered';
  readonly verifier: () => string;
  readonly state: () => string | undefined;
  /** Parameters of an application's own, and of the kit. */
  readonly more: Readonly<Record<string, string>>;
  /** Whether those come to the token endpoint too. */
  readonly repeatsMore: boolean;
  readonly refresh: (token: string, scope: string) => Readonly<Record<string, string>>;
  /** Whether a refresh takes back an access token that is still good, at the same moment. */
  readonly revokesBesideRefresh: boolean;
}

const PERSONAS: readonly Persona[] = [
  {
    name: 'Android 4.8',
    addresses: 'built',
    verifier: () => randomBytes(64).toString('base64url'),
    state: () => randomBytes(16).toString('base64url'),
    more: { app_version: '1.0' },
    repeatsMore: true,
    refresh: (token, scope) => ({
      grant_type: 'refresh_token',
      client_id: 'mobile',
      refresh_token: token,
      scope,
      response_type: 'code',
    }),
    revokesBesideRefresh: true,
  },
  {
    name: 'iOS 4',
    addresses: 'built',
    verifier: () => oneOf(ALPHANUMERIC, 43),
    state: () => oneOf(ALPHANUMERIC, 43),
    more: {},
    repeatsMore: false,
    refresh: (token, scope) => ({
      grant_type: 'refresh_token',
      client_id: 'mobile',
      refresh_token: token,
      scope,
      response_type: 'token',
    }),
    revokesBesideRefresh: false,
  },
  {
    name: 'Ping for Android',
    addresses: 'discovered',
    verifier: () => randomBytes(64).toString('base64url'),
    state: () => undefined,
    more: {},
    repeatsMore: false,
    refresh: (token) => ({ grant_type: 'refresh_token', refresh_token: token, client_id: 'mobile' }),
    revokesBesideRefresh: true,
  },
  {
    name: 'Ping for iOS',
    addresses: 'discovered',
    verifier: () => randomBytes(32).toString('base64url'),
    state: () => oneOf(ALPHANUMERIC, 22),
    more: {},
    repeatsMore: false,
    refresh: (token) => ({
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: 'mobile',
      response_type: 'code',
    }),
    revokesBesideRefresh: false,
  },
];

const SCOPE = 'openid profile email';
const REALM = '/alpha';

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly type: string | undefined;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What goes over the line is what is written here, beside host and connection. */
const send = (
  method: 'GET' | 'POST',
  url: string,
  headers: Readonly<Record<string, string>> = {},
  form?: Readonly<Record<string, string>>,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = form === undefined ? undefined : new URLSearchParams(form).toString();
    const request = httpRequest(url, {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && {
          'Content-Type': 'application/x-www-form-urlencoded',
          'Content-Length': String(Buffer.byteLength(body)),
        }),
      },
    });
    request.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const { location, 'content-type': type } = response.headers;
        const isJson = /^application\/json/.test(type ?? '');
        resolve({ status: response.statusCode ?? 0, location, type, text, body: isJson ? JSON.parse(text) : {} });
      });
    });
    request.end(body);
  });

interface Addresses {
  readonly authorize: string;
  readonly token: string;
  readonly userinfo: string;
  readonly revoke: string;
  readonly endSession: string;
}

const addressesOf = async ({ am, issuer }: ProviderWorld, { addresses }: Persona): Promise<Addresses> => {
  if (addresses === 'built') {
    // Android builds no other form than this, without `root`.
    const base = `${am}/oauth2/realms/alpha`;
    return {
      authorize: `${base}/authorize`,
      token: `${base}/access_token`,
      userinfo: `${base}/userinfo`,
      revoke: `${base}/token/revoke`,
      endSession: `${base}/connect/endSession`,
    };
  }
  const { body } = await send('GET', `${issuer(REALM)}/.well-known/openid-configuration`);
  const named = (name: string) => String(body[name]);
  return {
    authorize: named('authorization_endpoint'),
    token: named('token_endpoint'),
    userinfo: named('userinfo_endpoint'),
    revoke: named('revocation_endpoint'),
    endSession: named('end_session_endpoint'),
  };
};

/** What a kit takes an answer to be that carries no tokens: nothing, or JSON; anything else breaks it. */
const isReadable = ({ status, text, type }: Answer): boolean =>
  status < 300 && (text === '' || /^application\/json/.test(type ?? ''));

export const describeMobilePersonas = (world: () => ProviderWorld): void => {
  describe.each(PERSONAS)('the kit $name', (persona) => {
    let at: Addresses;
    beforeAll(async () => {
      at = await addressesOf(world(), persona);
    });

    const authorize = (session: string, verifier: string, state: string | undefined) => {
      const query = new URLSearchParams({
        client_id: 'mobile',
        scope: SCOPE,
        response_type: 'code',
        redirect_uri: APP_SCHEME,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(state !== undefined && { state }),
        ...persona.more,
      });
      return send('GET', `${at.authorize}?${query}`, {
        iPlanetDirectoryPro: session,
        'Accept-API-Version': 'resource=2.1, protocol=1.0',
      });
    };
    const landedOf = ({ location = '' }: Answer) => Object.fromEntries(new URL(location).searchParams);

    const signIn = async () => {
      const session = await world().session(REALM);
      const verifier = persona.verifier();
      const { code = '' } = landedOf(await authorize(session, verifier, persona.state()));
      const { status, body } = await send(
        'POST',
        at.token,
        {},
        {
          client_id: 'mobile',
          code,
          redirect_uri: APP_SCHEME,
          grant_type: 'authorization_code',
          code_verifier: verifier,
          ...(persona.repeatsMore && persona.more),
        },
      );
      expect(status).toBe(200);
      return { session, ...tokensOf(body) };
    };
    const tokensOf = (body: Answer['body']) => {
      // iOS drops an answer without these two.
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) });
      const { access_token: access, refresh_token: refresh, id_token: id } = body;
      return { access: String(access), refresh: String(refresh), id: String(id) };
    };
    const userinfo = (token: string) => send('GET', at.userinfo, { Authorization: `Bearer ${token}` });

    test('is answered 302 and nothing beside it, with its state unchanged', async () => {
      const state = persona.state();
      const answer = await authorize(await world().session(REALM), persona.verifier(), state);
      expect(answer).toMatchObject({ status: 302, text: '' });
      expect(answer.location?.startsWith(`${APP_SCHEME}?`)).toBe(true);
      expect(landedOf(answer)).toEqual({
        code: expect.any(String),
        iss: world().issuer(REALM),
        client_id: 'mobile',
        ...(state !== undefined && { state }),
      });
    });

    test('with a session that is over is sent to no page, and hears an error that is no code', async () => {
      const state = persona.state();
      const answer = await authorize('AQIC-forged', persona.verifier(), state);
      expect(answer).toMatchObject({ status: 302, text: '' });
      expect(answer.location).not.toContain('code=');
      expect(landedOf(answer)).toMatchObject({ error: 'interaction_required', ...(state !== undefined && { state }) });
    });

    test('gets tokens, and its user', async () => {
      const { access, id } = await signIn();
      expect(id).toMatch(/^eyJ/);
      expect((await userinfo(access)).body).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.com' });
    });

    test('refreshes, and takes the access token back beside it: what it was given lives on', async () => {
      const first = await signIn();
      const [refreshed, revoked] = await Promise.all([
        send('POST', at.token, {}, persona.refresh(first.refresh, SCOPE)),
        ...(persona.revokesBesideRefresh
          ? [send('POST', at.revoke, {}, { client_id: 'mobile', token: first.access })]
          : []),
      ]);
      expect(refreshed.status).toBe(200);
      const next = tokensOf(refreshed.body);
      expect((await userinfo(next.access)).status).toBe(200);
      expect((await userinfo(first.access)).status).toBe(persona.revokesBesideRefresh ? 401 : 200);
      if (revoked !== undefined) expect(isReadable(revoked)).toBe(true);
      expect((await send('POST', at.token, {}, persona.refresh(next.refresh, SCOPE))).status).toBe(200);
    });

    test('signs its user out without a cookie: session and tokens are over', async () => {
      const { session, access, refresh, id } = await signIn();
      const query = new URLSearchParams({ id_token_hint: id, client_id: 'mobile' });
      const ended = await send('GET', `${at.endSession}?${query}`);
      const revoked = await send('POST', at.revoke, {}, { client_id: 'mobile', token: refresh });
      expect([ended, revoked].map(isReadable)).toEqual([true, true]);
      expect(await world().isAlive(session, REALM)).toBe(false);
      expect((await userinfo(access)).status).toBe(401);
      expect((await send('POST', at.token, {}, persona.refresh(refresh, SCOPE))).body).toMatchObject({
        error: 'invalid_grant',
      });
    });
  });
};
